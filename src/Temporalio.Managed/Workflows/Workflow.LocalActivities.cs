using System.Linq.Expressions;
using Temporalio.Activities;
using Temporalio.Common;

namespace Temporalio.Workflows;

public static partial class Workflow
{
    /// <summary>Runs an activity in the worker that holds this workflow task; only its outcome goes to the server. For short work that may be repeated.</summary>
    /// <param name="activityCall">A call of an activity method; it is read, not made.</param>
    /// <param name="options">A timeout is required.</param>
    /// <exception cref="ArgumentException">The call is not of an activity, or no timeout is set.</exception>
    /// <exception cref="Exceptions.FailureException">How the activity ended, when it did not return.</exception>
    public static Task<TResult> ExecuteLocalActivityAsync<TResult>(Expression<Func<TResult>> activityCall, LocalActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteLocalActivityAsync<TResult>(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteLocalActivityAsync{TResult}(Expression{Func{TResult}}, LocalActivityOptions)" />
    public static Task ExecuteLocalActivityAsync(Expression<Action> activityCall, LocalActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteLocalActivityAsync(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteLocalActivityAsync{TResult}(Expression{Func{TResult}}, LocalActivityOptions)" />
    public static Task<TResult> ExecuteLocalActivityAsync<TActivityInstance, TResult>(Expression<Func<TActivityInstance, TResult>> activityCall, LocalActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteLocalActivityAsync<TResult>(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteLocalActivityAsync{TResult}(Expression{Func{TResult}}, LocalActivityOptions)" />
    public static Task ExecuteLocalActivityAsync<TActivityInstance>(Expression<Action<TActivityInstance>> activityCall, LocalActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteLocalActivityAsync(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteLocalActivityAsync{TResult}(Expression{Func{TResult}}, LocalActivityOptions)" />
    public static Task<TResult> ExecuteLocalActivityAsync<TResult>(Expression<Func<Task<TResult>>> activityCall, LocalActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteLocalActivityAsync<TResult>(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteLocalActivityAsync{TResult}(Expression{Func{TResult}}, LocalActivityOptions)" />
    public static Task ExecuteLocalActivityAsync(Expression<Func<Task>> activityCall, LocalActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteLocalActivityAsync(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteLocalActivityAsync{TResult}(Expression{Func{TResult}}, LocalActivityOptions)" />
    public static Task<TResult> ExecuteLocalActivityAsync<TActivityInstance, TResult>(Expression<Func<TActivityInstance, Task<TResult>>> activityCall, LocalActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteLocalActivityAsync<TResult>(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteLocalActivityAsync{TResult}(Expression{Func{TResult}}, LocalActivityOptions)" />
    public static Task ExecuteLocalActivityAsync<TActivityInstance>(Expression<Func<TActivityInstance, Task>> activityCall, LocalActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteLocalActivityAsync(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteLocalActivityAsync{TResult}(Expression{Func{TResult}}, LocalActivityOptions)" />
    public static Task ExecuteLocalActivityAsync(string activity, IReadOnlyCollection<object?> args, LocalActivityOptions options) =>
        Context.Outbound.ScheduleLocalActivityAsync<ValueTuple>(new(activity, args, options, null));

    /// <inheritdoc cref="ExecuteLocalActivityAsync{TResult}(Expression{Func{TResult}}, LocalActivityOptions)" />
    public static Task<TResult> ExecuteLocalActivityAsync<TResult>(string activity, IReadOnlyCollection<object?> args, LocalActivityOptions options) =>
        Context.Outbound.ScheduleLocalActivityAsync<TResult>(new(activity, args, options, null));
}
