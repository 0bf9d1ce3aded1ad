namespace LogPipeline.Publisher.Capture;

/// <summary>What happened to an event while it was rendered.</summary>
sealed class RenderNotes
{
    public Cuts Cuts;

    /// <summary>Something was replaced because it is a secret.</summary>
    public bool Redacted { get; set; }

    /// <summary>Code of the application failed; a placeholder stands in its place.</summary>
    public bool Failed { get; set; }

    public void Clear()
    {
        Cuts = default;
        Redacted = false;
        Failed = false;
    }
}
