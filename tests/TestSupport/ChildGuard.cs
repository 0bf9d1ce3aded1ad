using System.Diagnostics;

namespace LogPipeline.TestSupport;

/// <summary>
/// Ends children when the test run itself dies, however it dies. One small shell reads pids from a pipe; when the pipe
/// closes because its writer is gone, it kills those that are left.
/// </summary>
static class ChildGuard
{
    const string Script = """
        pids=''
        while read -r word pid; do
          left=''
          for other in $pids; do [ "$other" = "$pid" ] || left="$left $other"; done
          pids="$left"
          [ "$word" = add ] && pids="$pids $pid"
        done
        [ -n "$pids" ] && kill -9 $pids 2>/dev/null
        """;

    static readonly Lazy<StreamWriter> Pipe = new(Start);

    public static void Add(int pid) => Tell("add", pid);
    public static void Remove(int pid) => Tell("end", pid);

    static void Tell(string word, int pid)
    {
        lock (Pipe)
        {
            Pipe.Value.Write($"{word} {pid}\n");
            Pipe.Value.Flush();
        }
    }

    static StreamWriter Start()
    {
        // setsid: an interrupt typed at the terminal must not end the guard before those it guards.
        var start = new ProcessStartInfo("setsid") { RedirectStandardInput = true };
        foreach (var argument in new[] { "sh", "-c", Script }) start.ArgumentList.Add(argument);
        return Process.Start(start)!.StandardInput;
    }
}
