using Spectre.Console;
using Spectre.Console.Rendering;

namespace LogPipeline.Samples.Storefront;

/// <summary>Where the events are, at one instant.</summary>
readonly record struct Whereabouts(long Emitted, long Accepted, long Spooled, long Written, long Dropped);

/// <summary>Shows where the events are while the work goes on: bars on a terminal, else a line each second.</summary>
sealed class Progress(IAnsiConsole console, Func<Whereabouts> look, int events)
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(200);

    public Task ShowWhileAsync(Task work) => console.Profile.Capabilities.Interactive ? ShowBarsAsync(work) : SayLinesAsync(work);

    async Task SayLinesAsync(Task work)
    {
        for (var (seconds, isLast) = (1, false); !isLast; seconds++)
        {
            isLast = await Task.WhenAny(work, Task.Delay(Second)) == work;
            var now = look();
            console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{seconds,5} s  emitted {now.Emitted,-7:N0} accepted {now.Accepted,-7:N0} spooled {now.Spooled,-7:N0} "
                + $"written {now.Written:N0}{(now.Dropped > 0 ? $"  dropped {now.Dropped:N0}" : "")}"));
        }
        console.WriteLine();
        await work;
    }

    Task ShowBarsAsync(Task work) =>
        console.Progress().Columns(new TaskDescriptionColumn { Alignment = Justify.Left },
            new ProgressBarColumn { IndeterminateStyle = Style.Plain }, new CountColumn()).StartAsync(async shown =>
        {
            ProgressTask Bar(string name) => shown.AddTask(name, maxValue: events);
            var (emitted, accepted, spooled, written) =
                (Bar("emitted by the shop"), Bar("accepted by Temporal"), Bar("waiting in the spool"), Bar("written to files"));
            while (true)
            {
                var isLast = await Task.WhenAny(work, Task.Delay(Frame)) == work;
                var now = look();
                (emitted.Value, accepted.Value, spooled.Value, written.Value) = (now.Emitted, now.Accepted, now.Spooled, now.Written);
                if (isLast) break;
            }
            await work;
        });

    sealed class CountColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(FormattableString.Invariant($"{task.Value,7:N0}"));
    }
}
