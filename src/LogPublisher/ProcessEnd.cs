using System.Runtime.InteropServices;

namespace LogPipeline.Publisher;

/// <summary>
/// Empties a sink that was not closed when the process ends.
/// <list type="bullet">
/// <item>The end of Main and <c>Environment.Exit</c> raise ProcessExit, an unhandled exception its own event: nothing
/// comes after, so the sink is closed.</item>
/// <item>SIGTERM, SIGINT, SIGHUP and SIGQUIT raise neither: since .NET 10 the system just ends the process. Here the
/// program may have a handler of its own and go on logging, so the sink is flushed and stays open. A handler that
/// claimed the signal before (handlers run in the reverse order of their registration, so a host that was built with
/// this sink is before) decides the process's end, and this does nothing.</item>
/// </list>
/// </summary>
sealed class ProcessEnd : IDisposable
{
    /// <summary>
    /// After the close timeout what is left goes to the disk; a disk that hangs must not keep the process.
    /// </summary>
    static readonly TimeSpan DiskGrace = TimeSpan.FromSeconds(5);

    readonly TemporalSink _sink;
    readonly TimeSpan _waitMax;
    readonly PosixSignalRegistration[] _signals;

    public ProcessEnd(TemporalSink sink, TimeSpan closeTimeout)
    {
        _sink = sink;
        _waitMax = closeTimeout + DiskGrace;
        AppDomain.CurrentDomain.ProcessExit += Close;
        AppDomain.CurrentDomain.UnhandledException += Close;
        _signals = [On(PosixSignal.SIGTERM), On(PosixSignal.SIGINT), On(PosixSignal.SIGHUP), On(PosixSignal.SIGQUIT)];
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= Close;
        AppDomain.CurrentDomain.UnhandledException -= Close;
        foreach (var signal in _signals) signal.Dispose();
    }

    // The process ends when these return, so they wait; nothing that they wait for needs this thread.
#pragma warning disable VSTHRD002
    PosixSignalRegistration On(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        if (!context.Cancel) _sink.EmptyAsync().Wait(_waitMax);
    });

    void Close(object? sender, EventArgs e) => _sink.DisposeAsync().AsTask().Wait(_waitMax);
#pragma warning restore VSTHRD002
}
