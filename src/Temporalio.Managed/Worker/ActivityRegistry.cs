using Temporalio.Activities;
using Temporalio.Exceptions;

namespace Temporalio.Worker;

/// <summary>The activities of a worker by name.</summary>
sealed class ActivityRegistry
{
    readonly Dictionary<string, ActivityDefinition> _named = [];
    readonly ActivityDefinition? _dynamic;

    /// <exception cref="ArgumentException">A name comes twice, or there are two dynamic activities.</exception>
    public ActivityRegistry(IEnumerable<ActivityDefinition> activities)
    {
        foreach (var activity in activities)
        {
            if (activity.Name == null)
                _dynamic = _dynamic == null ? activity : throw new ArgumentException("Multiple dynamic activities provided");
            else if (!_named.TryAdd(activity.Name, activity))
                throw new ArgumentException($"Duplicate activity named {activity.Name}");
        }
    }

    public bool IsEmpty => _named.Count == 0 && _dynamic == null;

    /// <exception cref="ApplicationFailureException">There is none: another worker, or a later version of this one, may have it, so it can be retried.</exception>
    public ActivityDefinition Find(string activityType) =>
        TryFind(activityType) ?? throw new ApplicationFailureException(NotRegistered(activityType), errorType: "NotFoundError");

    public bool Has(string activityType) => TryFind(activityType) != null;

    ActivityDefinition? TryFind(string activityType) => _named.GetValueOrDefault(activityType) ?? _dynamic;

    string NotRegistered(string activityType) =>
        $"Activity {activityType} is not registered on this worker, available activities: {string.Join(", ", _named.Keys.Order(StringComparer.Ordinal))}";
}
