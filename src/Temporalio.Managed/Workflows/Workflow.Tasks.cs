namespace Temporalio.Workflows;

// Task.Run and parts of Task.WhenAny leave the workflow's scheduler; these stay on it.
public static partial class Workflow
{
    /// <summary>Starts a task beside the current one, on the workflow's scheduler. Use it in place of <c>Task.Run</c>.</summary>
    public static Task RunTaskAsync(Func<Task> function, CancellationToken? cancellationToken = null) =>
        Task.Factory.StartNew(
            function, cancellationToken ?? CancellationToken, TaskCreationOptions.None, TaskScheduler.Current).Unwrap();

    /// <inheritdoc cref="RunTaskAsync(Func{Task}, CancellationToken?)" />
    public static Task<TResult> RunTaskAsync<TResult>(Func<Task<TResult>> function, CancellationToken? cancellationToken = null) =>
        Task.Factory.StartNew(
            function, cancellationToken ?? CancellationToken, TaskCreationOptions.None, TaskScheduler.Current).Unwrap();

    /// <summary>The first task to complete. Use it in place of <c>Task.WhenAny</c>.</summary>
    public static Task<Task> WhenAnyAsync(params Task[] tasks) => Task.WhenAny(tasks);

    /// <inheritdoc cref="WhenAnyAsync(Task[])" />
    public static Task<Task> WhenAnyAsync(IEnumerable<Task> tasks) => Task.WhenAny(tasks.ToArray());

    /// <inheritdoc cref="WhenAnyAsync(Task[])" />
    public static async Task<Task<TResult>> WhenAnyAsync<TResult>(params Task<TResult>[] tasks) =>
        (Task<TResult>)await Task.WhenAny((Task[])tasks);

    /// <inheritdoc cref="WhenAnyAsync(Task[])" />
    public static Task<Task<TResult>> WhenAnyAsync<TResult>(IEnumerable<Task<TResult>> tasks) => WhenAnyAsync(tasks.ToArray());

    public static Task WhenAllAsync(IEnumerable<Task> tasks) => Task.WhenAll(tasks);

    public static Task WhenAllAsync(params Task[] tasks) => Task.WhenAll(tasks);

    public static Task<TResult[]> WhenAllAsync<TResult>(IEnumerable<Task<TResult>> tasks) => Task.WhenAll(tasks);

    public static Task<TResult[]> WhenAllAsync<TResult>(params Task<TResult>[] tasks) => Task.WhenAll(tasks);
}
