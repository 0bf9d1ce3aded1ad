using System.Net.Sockets;
using System.Text;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Tests.Worker;

public sealed class SystemdNotifierTests
{
    [SkippableFact]
    public void TheServiceManagerIsToldInItsOwnWords()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no datagram sockets with a path.");
        using var directory = new TempDirectory();
        var path = directory.File("notify");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 5000 };
        socket.Bind(new UnixDomainSocketEndPoint(path));
        var notifier = new SystemdNotifier(NullLogger.Instance, path);

        notifier.Ready("Connecting\nto Temporal");
        Receive(socket).ShouldBe("READY=1\nSTATUS=Connecting to Temporal");
        notifier.Status("Taking batches");
        Receive(socket).ShouldBe("STATUS=Taking batches");
        notifier.Trouble("/logs cannot be written.");
        Receive(socket).ShouldBe("STATUS=/logs cannot be written. Taking batches");
        notifier.Status("Connecting");
        Receive(socket).ShouldBe("STATUS=/logs cannot be written. Connecting");
        notifier.Trouble(null);
        Receive(socket).ShouldBe("STATUS=Connecting");
        notifier.Stopping();
        Receive(socket).ShouldStartWith("STOPPING=1\n");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/nowhere/at/all")]
    public void WithoutAServiceManagerNothingHappens(string? path) =>
        Should.NotThrow(() => new SystemdNotifier(NullLogger.Instance, path).Ready("x"));

    static string Receive(Socket socket)
    {
        var buffer = new byte[1000];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }
}
