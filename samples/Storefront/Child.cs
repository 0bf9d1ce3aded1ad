using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LogPipeline.Samples.Storefront;

/// <summary>A program that is started for this run and ends with it. What it says goes to a file.</summary>
sealed partial class Child : IAsyncDisposable
{
    const int SigTerm = 15;
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);
    // Ctrl+C reaches all programs of a terminal, so a worker may be left without Temporal; what it took is safe with it.
    static readonly TimeSpan GraceInAHurry = TimeSpan.FromSeconds(2);

    readonly Process _process;
    readonly string _awaited;
    readonly CancellationToken _hurry;
    readonly StreamWriter _file;
    readonly Task _copied;
    readonly TaskCompletionSource _said = new(TaskCreationOptions.RunContinuationsAsynchronously);
    string _lastLine = "nothing";

    /// <param name="program">What to run.</param>
    /// <param name="arguments">With what.</param>
    /// <param name="output">The file for what it says.</param>
    /// <param name="awaited">Text in a line that it says, for <see cref="SaysAsync"/>.</param>
    /// <param name="hurry">Once cancelled, there is no time for a slow end.</param>
    public Child(string program, IEnumerable<string> arguments, string output, string awaited, CancellationToken hurry)
    {
        (_awaited, _hurry) = (awaited, hurry);
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true,
            RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new CannotRunException($"{program} did not start.");
        _process.StandardInput.Close();
        _file = new StreamWriter(output) { AutoFlush = true };
        _copied = Task.WhenAll(CopyAsync(_process.StandardOutput), CopyAsync(_process.StandardError));
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>The last thing it said.</summary>
    public string LastLine => Volatile.Read(ref _lastLine);

    /// <summary>Waits until the awaited text was said; false when the program ended before, or in the end did not say it.</summary>
    public async Task<bool> SaysAsync(TimeSpan waitMax, CancellationToken cancellationToken)
    {
        await Task.WhenAny(_said.Task, _copied, Task.Delay(waitMax, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return _said.Task.IsCompleted;
    }

    /// <summary>Asks it to end, waits a while, then ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        // Only while it has not been waited for does the number certainly belong to it.
        if (!_process.HasExited && !OperatingSystem.IsWindows()) Signal(_process.Id, SigTerm);
        else if (!_process.HasExited) _process.Kill();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(_hurry.IsCancellationRequested ? GraceInAHurry : Grace);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        await _copied;
        await _file.DisposeAsync();
        _process.Dispose();
    }

    async Task CopyAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            if (line.Trim().Length > 0) Volatile.Write(ref _lastLine, line.Trim());
            lock (_file) _file.WriteLine(line);
            if (line.Contains(_awaited, StringComparison.Ordinal)) _said.TrySetResult();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int pid, int signal);
}
