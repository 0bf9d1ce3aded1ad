namespace LogPipeline.Worker.Files;

/// <summary>How a batch stands to the one before it.</summary>
/// <param name="WaitMax">Longest wait for it in the writer.</param>
/// <param name="IsSettled">Nothing is to be waited for: it is known to be written elsewhere, or never to come.</param>
readonly record struct OrderWait(TimeSpan WaitMax, bool IsSettled = false)
{
    /// <summary>250 ms. A predecessor that is on its way comes within that.</summary>
    public static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(250);

    public static OrderWait Default => new(Brief);
}
