using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;

namespace LogPipeline.Worker.Observability;

/// <summary>
/// What a service manager shows of the worker: what it does now, and its trouble. Outside of systemd this does nothing.
/// The package's lifetime is not used: it acts only as a direct child of systemd, so that READY would never be sent
/// from below a wrapper.
/// </summary>
sealed class ServiceStatus(ISystemdNotifier systemd, ILogger<ServiceStatus> logger)
{
    // Called by the worker and by the writer, each on its own thread.
    readonly Lock _gate = new();
    string _status = "";
    string? _trouble;

    public void Ready(string status) => Notify("READY=1\n", () => _status = status);

    public void Status(string status) => Notify("", () => _status = status);

    /// <summary>Stands in front of the status until it is null.</summary>
    public void Trouble(string? sentence) => Notify("", () => _trouble = sentence);

    public void Stopping() => Send("STOPPING=1\nSTATUS=Finishing what was taken");

    void Notify(string before, Action change)
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
            // The service works without; an operator should find out why it seems not to start.
            WorkerLog.NotNotified(logger, OneLine(state), e.Message);
        }
    }

    static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
