using System.Runtime.CompilerServices;
using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Keeps the plans of the templates used last. A fixed number of places, so that templates made up at run time take no
/// memory; two that meet in one take turns.
/// </summary>
sealed class TemplateCache(Redactor redactor)
{
    const int Places = 1024;
    const int TextLengthMax = 4096;

    readonly TemplatePlan?[] _plans = new TemplatePlan?[Places];

    public TemplatePlan Of(MessageTemplate template)
    {
        ref var place = ref _plans[RuntimeHelpers.GetHashCode(template) & (Places - 1)];
        var plan = Volatile.Read(ref place);
        if (plan is not null && ReferenceEquals(plan.Template, template)) return plan;
        plan = new TemplatePlan(template, redactor);
        // A hook that failed once may do better the next time.
        if (template.Text.Length <= TextLengthMax && plan.Text != Redactor.FailedMarker) Volatile.Write(ref place, plan);
        return plan;
    }
}
