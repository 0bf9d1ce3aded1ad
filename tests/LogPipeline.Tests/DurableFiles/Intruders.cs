using System.Diagnostics;
using System.Net.Sockets;

namespace LogPipeline.Tests.DurableFiles;

/// <summary>What stands where a file is expected.</summary>
public enum Intruder
{
    Pipe, Socket, Link, DanglingLink, LinkToAPipe, Device,
}

public static class Intruders
{
    /// <summary>Puts it there; the test is skipped where that cannot be done.</summary>
    public static void Put(Intruder intruder, string path)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Pipes and sockets are Unix's.");
        switch (intruder)
        {
            case Intruder.Pipe:
                Run("mkfifo", path);
                break;
            case Intruder.Socket:
                using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
                {
                    // The name stays when the socket is closed, but .NET removes it.
                    socket.Bind(new UnixDomainSocketEndPoint(path + ".s"));
                    File.Move(path + ".s", path);
                }
                break;
            case Intruder.Link:
                File.WriteAllText(path + ".target", "another's");
                File.CreateSymbolicLink(path, path + ".target");
                break;
            case Intruder.DanglingLink:
                File.CreateSymbolicLink(path, path + ".missing");
                break;
            case Intruder.LinkToAPipe:
                Run("mkfifo", path + ".pipe");
                File.CreateSymbolicLink(path, path + ".pipe");
                break;
            case Intruder.Device:
                Skip.IfNot(Environment.IsPrivilegedProcess, "Only root can make a device.");
                Skip.IfNot(TryRun("mknod", path, "c", "1", "5"), "Not possible on this machine: mknod");
                break;
        }
    }

    static void Run(string program, params string[] arguments) =>
        TryRun(program, arguments).ShouldBeTrue($"{program} {string.Join(' ', arguments)}");

    static bool TryRun(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
