using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LogPipeline.TestSupport;

/// <summary>
/// A program run by a test. Its output is kept line by line, a test can wait for a line or for its end, and it never
/// outlives the test: disposing kills it, and so does the end of the test run.
/// </summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    const int SigHup = 1;
    const int SigQuit = 3;
    const int SigInt = 2;
    const int SigTerm = 15;
    const int SigKill = 9;
    const int SigStop = 19;
    const int SigContinue = 18;

    // A server that logs without end must not fill the test's memory.
    const int LinesMax = 50_000;

    readonly Process _process;
    readonly Lock _gate = new();
    readonly List<string> _output = [];
    readonly List<string> _errors = [];
    readonly Task _ended;
    volatile string? _leak;
    TaskCompletionSource _line = NewSignal();

    ChildProcess(Process process)
    {
        _process = process;
        _ended = Task.WhenAll(
            ReadAsync(process.StandardOutput, _output),
            ReadAsync(process.StandardError, _errors),
            process.WaitForExitAsync());
    }

    public int Id => _process.Id;
    public bool HasExited => _process.HasExited;
    public int ExitCode => _process.ExitCode;

    /// <summary>CPU time used so far.</summary>
    public TimeSpan ProcessorTime => _process.TotalProcessorTime;

    /// <summary>Memory held now.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Standard output so far.</summary>
    public string Output => Text(_output);

    /// <summary>Standard error so far.</summary>
    public string Errors => Text(_errors);

    /// <summary>Both streams, for a failure message.</summary>
    public string Everything => $"{Output}\n{Errors}".Trim();

    /// <summary>
    /// Starts a program. It inherits the environment without <c>TEMPORAL_*</c> and <c>LOG_*</c>, so that a developer's
    /// settings do not reach a test; <paramref name="environment"/> is added, and <see cref="PlantedSecret"/>, which it
    /// must not print.
    /// </summary>
    public static ChildProcess Start(string program, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null, string? directory = null, string? input = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? Path.GetTempPath(),
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.ToArray())
            if (name.StartsWith("TEMPORAL_", StringComparison.Ordinal) || name.StartsWith("LOG_", StringComparison.Ordinal))
                start.Environment.Remove(name);
        // A login and a token together are refused.
        if (environment?.ContainsKey("LOG_LOKI_USERNAME") != true)
            start.Environment[PlantedSecret.Variable] = PlantedSecret.Value;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        ChildGuard.Add(process.Id);
        var child = new ChildProcess(process);
        try
        {
            if (input is not null) process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A program may end without reading its input; its exit code says whether that was right.
        }
        return child;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<ChildProcess> RunAsync(string program, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null, string? directory = null, string? input = null, TimeSpan? waitMax = null)
    {
        await using var child = Start(program, arguments, environment, directory, input);
        await child.EndAsync(waitMax);
        return child;
    }

    /// <summary>Completes when the program has ended and all its output is read.</summary>
    public async Task EndAsync(TimeSpan? waitMax = null)
    {
        var limit = waitMax ?? TimeSpan.FromSeconds(60);
        try
        {
            await _ended.WaitAsync(limit);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} did not end within {limit}. It said:\n{Everything}", e);
        }
    }

    /// <summary>The first line of either stream that satisfies <paramref name="wanted"/>, already said or still to come.</summary>
    public async Task<string> LineAsync(Func<string, bool> wanted, TimeSpan? waitMax = null)
    {
        var limit = waitMax ?? TimeSpan.FromSeconds(60);
        using var timeout = new CancellationTokenSource(limit);
        while (true)
        {
            Task more;
            lock (_gate)
            {
                var line = _output.Concat(_errors).FirstOrDefault(wanted);
                if (line is not null) return line;
                more = _line.Task;
            }
            if (_ended.IsCompleted && more == _line.Task)
                throw new InvalidOperationException($"{_process.StartInfo.FileName} ended with exit code {ExitCode} before it said what "
                    + $"was waited for. It said:\n{Everything}");
            try
            {
                await Task.WhenAny(more, _ended).WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException(
                    $"{_process.StartInfo.FileName} did not say what was waited for within {limit}. It said:\n{Everything}", e);
            }
        }
    }

    /// <summary>Asks the program to end (SIGTERM).</summary>
    public void Terminate() => Signal(SigTerm);

    /// <summary>Does what Ctrl+C does (SIGINT).</summary>
    public void Interrupt() => Signal(SigInt);

    /// <summary>Does what a closed terminal does (SIGHUP).</summary>
    public void HangUp() => Signal(SigHup);

    /// <summary>Does what Ctrl+\ does (SIGQUIT).</summary>
    public void Quit() => Signal(SigQuit);

    /// <summary>Halts the program where it is (SIGSTOP, with Linux's number), until <see cref="Resume"/>.</summary>
    public void Pause() => Signal(SigStop);

    /// <summary>Lets a halted program go on (SIGCONT).</summary>
    public void Resume() => Signal(SigContinue);

    /// <summary>Ends the program without warning (SIGKILL) and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        Signal(SigKill);
        await EndAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>Asks, waits up to <paramref name="grace"/>, then kills. True when asking was enough.</summary>
    public async Task<bool> StopAsync(TimeSpan? grace = null)
    {
        Terminate();
        try
        {
            await _ended.WaitAsync(grace ?? TimeSpan.FromSeconds(20));
            return true;
        }
        catch (TimeoutException)
        {
            await KillAsync();
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_ended.IsCompleted) await KillAsync();
        ChildGuard.Remove(Id);
        if (_leak is { } line)
            throw new InvalidOperationException($"{_process.StartInfo.FileName} has printed the planted secret: {line}");
    }

    void Signal(int signal)
    {
        // Only while the process has not been waited for does its number certainly belong to it.
        if (!_process.HasExited) Kill(_process.Id, signal);
    }

    async Task ReadAsync(StreamReader reader, List<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            TaskCompletionSource signal;
            lock (_gate)
            {
                if (lines.Count < LinesMax) lines.Add(line);
                if (line.Contains(PlantedSecret.Value, StringComparison.Ordinal)) _leak = line;
                signal = _line;
                _line = NewSignal();
            }
            signal.SetResult();
        }
    }

    string Text(List<string> lines)
    {
        lock (_gate) return string.Join('\n', lines);
    }

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
