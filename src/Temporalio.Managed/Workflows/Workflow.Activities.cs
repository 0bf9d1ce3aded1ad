using System.Linq.Expressions;
using Temporalio.Activities;
using Temporalio.Common;

namespace Temporalio.Workflows;

public static partial class Workflow
{
    /// <summary>Runs an activity as a task of its own: kept, retried and timed out by the server.</summary>
    /// <param name="activityCall">A call of an activity method; it is read, not made.</param>
    /// <param name="options">A timeout is required.</param>
    /// <exception cref="ArgumentException">The call is not of an activity, or no timeout is set.</exception>
    /// <exception cref="Exceptions.FailureException">How the activity ended, when it did not return.</exception>
    public static Task<TResult> ExecuteActivityAsync<TResult>(Expression<Func<TResult>> activityCall, ActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteActivityAsync<TResult>(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteActivityAsync{TResult}(Expression{Func{TResult}}, ActivityOptions)" />
    public static Task ExecuteActivityAsync(Expression<Action> activityCall, ActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteActivityAsync(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteActivityAsync{TResult}(Expression{Func{TResult}}, ActivityOptions)" />
    public static Task<TResult> ExecuteActivityAsync<TActivityInstance, TResult>(Expression<Func<TActivityInstance, TResult>> activityCall, ActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteActivityAsync<TResult>(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteActivityAsync{TResult}(Expression{Func{TResult}}, ActivityOptions)" />
    public static Task ExecuteActivityAsync<TActivityInstance>(Expression<Action<TActivityInstance>> activityCall, ActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteActivityAsync(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteActivityAsync{TResult}(Expression{Func{TResult}}, ActivityOptions)" />
    public static Task<TResult> ExecuteActivityAsync<TResult>(Expression<Func<Task<TResult>>> activityCall, ActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteActivityAsync<TResult>(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteActivityAsync{TResult}(Expression{Func{TResult}}, ActivityOptions)" />
    public static Task ExecuteActivityAsync(Expression<Func<Task>> activityCall, ActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteActivityAsync(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteActivityAsync{TResult}(Expression{Func{TResult}}, ActivityOptions)" />
    public static Task<TResult> ExecuteActivityAsync<TActivityInstance, TResult>(Expression<Func<TActivityInstance, Task<TResult>>> activityCall, ActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteActivityAsync<TResult>(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteActivityAsync{TResult}(Expression{Func{TResult}}, ActivityOptions)" />
    public static Task ExecuteActivityAsync<TActivityInstance>(Expression<Func<TActivityInstance, Task>> activityCall, ActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return ExecuteActivityAsync(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <inheritdoc cref="ExecuteActivityAsync{TResult}(Expression{Func{TResult}}, ActivityOptions)" />
    public static Task ExecuteActivityAsync(string activity, IReadOnlyCollection<object?> args, ActivityOptions options) =>
        Context.Outbound.ScheduleActivityAsync<ValueTuple>(new(activity, args, options, null));

    /// <inheritdoc cref="ExecuteActivityAsync{TResult}(Expression{Func{TResult}}, ActivityOptions)" />
    public static Task<TResult> ExecuteActivityAsync<TResult>(string activity, IReadOnlyCollection<object?> args, ActivityOptions options) =>
        Context.Outbound.ScheduleActivityAsync<TResult>(new(activity, args, options, null));
}
