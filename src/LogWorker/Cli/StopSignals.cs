using System.Runtime.InteropServices;

namespace LogPipeline.Worker.Cli;

/// <summary>Ctrl+C and SIGTERM end a verb that goes on by itself. A second one ends the process as if this were not here.</summary>
sealed class StopSignals : IDisposable
{
    readonly CancellationTokenSource _stop;
    readonly PosixSignalRegistration[] _signals;

    /// <summary>Make it after the sink: what is registered last is asked first.</summary>
    public StopSignals(CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _signals = [On(PosixSignal.SIGINT), On(PosixSignal.SIGTERM)];
    }

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        _stop.Dispose();
    }

    PosixSignalRegistration On(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        if (_stop.IsCancellationRequested) return;
        context.Cancel = true;
        _stop.Cancel();
    });
}
