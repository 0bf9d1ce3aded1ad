using Spectre.Console.Rendering;

namespace LogPipeline.Worker.Cli;

/// <summary>
/// As <see cref="HarmlessWriter"/>, for tables and coloured lines, whose own control sequences stay.
/// </summary>
sealed class HarmlessText : IRenderHook
{
    public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) =>
        renderables.Select(shown => new Shown(shown));

    sealed class Shown(IRenderable inner) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            inner.Render(options, maxWidth).Select(segment => segment.IsControlCode || segment.IsLineBreak
                ? segment : new Segment(HarmlessWriter.Harmless(segment.Text), segment.Style));
    }
}
