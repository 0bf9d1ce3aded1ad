namespace LogPipeline.Worker.Cli.Tail;

/// <summary>What is said about the records beside them: each sentence once.</summary>
sealed class TailNotices(TextWriter error)
{
    const int SentencesMax = 1_000;

    readonly HashSet<string> _said = new(StringComparer.Ordinal);

    public void Say(string sentence)
    {
        if (_said.Count < SentencesMax && _said.Add(sentence)) error.WriteLine(Terminal.Printable(sentence));
    }
}
