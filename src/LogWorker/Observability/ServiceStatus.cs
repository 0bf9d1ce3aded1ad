using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;

namespace LogPipeline.Worker.Observability;

/// <summary>
/// What a service manager shows of the worker: what it does now, and behind what trouble. Outside of systemd nobody is told.
/// The package's lifetime is not used: it acts only as systemd's own child, and a wrapper around the worker would wait for READY in vain.
/// </summary>
sealed class ServiceStatus(ISystemdNotifier systemd, ILogger<ServiceStatus> logger)
{
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
        try
        {
            systemd.Notify(new ServiceState(state));
        }
        catch (SocketException e)
        {
            // The service works without; whoever waits for it should find out why it seems not to start.
            WorkerLog.NotNotified(logger, OneLine(state), e.Message);
        }
    }

    static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
