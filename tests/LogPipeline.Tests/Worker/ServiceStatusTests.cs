using System.Net.Sockets;
using LogPipeline.Worker.Observability;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Tests.Worker;

public sealed class ServiceStatusTests
{
    readonly Told _told = new();

    [Fact]
    public void TheServiceManagerIsToldInItsOwnWords()
    {
        var status = new ServiceStatus(_told, NullLogger<ServiceStatus>.Instance);
        status.Ready("Connecting\nto Temporal");
        status.Status("Taking batches");
        status.Trouble("/logs cannot be written.");
        status.Status("Connecting");
        status.Trouble(null);
        status.Stopping();
        _told.States.ShouldBe(
        [
            "READY=1\nSTATUS=Connecting to Temporal",
            "STATUS=Taking batches",
            "STATUS=/logs cannot be written. Taking batches",
            "STATUS=/logs cannot be written. Connecting",
            "STATUS=Connecting",
            "STOPPING=1\nSTATUS=Finishing what was taken",
        ]);
    }

    [Fact]
    public void AServiceManagerThatCannotBeToldDoesNotEndTheWorker()
    {
        var log = new LinesLogger();
        _told.Fails = true;
        new ServiceStatus(_told, log).Ready("Connecting");
        log.Lines.ShouldHaveSingleItem().Text.ShouldStartWith("systemd could not be notified of 'READY=1 STATUS=Connecting': ");
    }
}

/// <summary>A service manager that remembers.</summary>
sealed class Told : ISystemdNotifier
{
    public bool IsEnabled => true;

    public bool Fails { get; set; }

    public List<string> States { get; } = [];

    public void Notify(ServiceState state)
    {
        if (Fails) throw new SocketException((int)SocketError.ConnectionRefused);
        States.Add(state.ToString());
    }
}
