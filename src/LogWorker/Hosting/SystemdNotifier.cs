using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace LogPipeline.Worker.Hosting;

/// <summary>
/// Tells systemd how the service is (sd_notify): one datagram of text to the socket that NOTIFY_SOCKET names. Without the
/// variable, outside of systemd, it does nothing.
/// </summary>
sealed class SystemdNotifier(ILogger logger, string? socketPath)
{
    public static SystemdNotifier FromEnvironment(ILogger logger) => new(logger, Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    // Told by the worker and by the writer, each on its own thread.
    readonly Lock _gate = new();
    string _status = "";
    string? _trouble;

    public void Ready(string status) => Tell("READY=1\n", () => _status = status);

    public void Status(string status) => Tell("", () => _status = status);

    /// <summary>Stands in front of the status until it is null.</summary>
    public void Trouble(string? sentence) => Tell("", () => _trouble = sentence);

    public void Stopping() => Send("STOPPING=1\nSTATUS=Finishing what was taken");

    void Tell(string before, Action change)
    {
        lock (_gate)
        {
            change();
            Send($"{before}STATUS={OneLine(_trouble is null ? _status : $"{_trouble} {_status}")}");
        }
    }

    void Send(string state)
    {
        if (string.IsNullOrEmpty(socketPath)) return;
        try
        {
            // A leading @ stands for the NUL of an abstract address.
            var address = new UnixDomainSocketEndPoint(socketPath[0] == '@' ? "\0" + socketPath[1..] : socketPath);
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTimeout = 1000;
            socket.SendTo(System.Text.Encoding.UTF8.GetBytes(state), address);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // The service works without; whoever waits for it should find out why it seems not to start.
            WorkerLog.NotNotified(logger, OneLine(state), e.Message);
        }
    }

    static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
