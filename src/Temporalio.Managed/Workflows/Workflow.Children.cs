using System.Linq.Expressions;
using Temporalio.Common;

namespace Temporalio.Workflows;

public static partial class Workflow
{
    /// <summary>Starts a child workflow. Returns when the server has started it.</summary>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">The id policies do not allow it.</exception>
    public static async Task<ChildWorkflowHandle<TWorkflow, TResult>> StartChildWorkflowAsync<TWorkflow, TResult>(
        Expression<Func<TWorkflow, Task<TResult>>> workflowRunCall, ChildWorkflowOptions? options = null)
    {
        var (method, args) = ExpressionUtil.ExtractCall(workflowRunCall);
        return await Context.Outbound.StartChildWorkflowAsync<TWorkflow, TResult>(new(WorkflowDefinition.NameFromRunMethod(method), args, options ?? new(), null));
    }

    /// <inheritdoc cref="StartChildWorkflowAsync{TWorkflow, TResult}" />
    public static async Task<ChildWorkflowHandle<TWorkflow>> StartChildWorkflowAsync<TWorkflow>(
        Expression<Func<TWorkflow, Task>> workflowRunCall, ChildWorkflowOptions? options = null)
    {
        var (method, args) = ExpressionUtil.ExtractCall(workflowRunCall);
        return await Context.Outbound.StartChildWorkflowAsync<TWorkflow, ValueTuple>(new(WorkflowDefinition.NameFromRunMethod(method), args, options ?? new(), null));
    }

    /// <inheritdoc cref="StartChildWorkflowAsync{TWorkflow, TResult}" />
    public static async Task<ChildWorkflowHandle> StartChildWorkflowAsync(
        string workflow, IReadOnlyCollection<object?> args, ChildWorkflowOptions? options = null) =>
        await Context.Outbound.StartChildWorkflowAsync<ValueTuple, ValueTuple>(new(workflow, args, options ?? new(), null));

    /// <summary>Starts a child workflow and waits for its result.</summary>
    /// <exception cref="Exceptions.ChildWorkflowFailureException">The child did not complete.</exception>
    public static async Task<TResult> ExecuteChildWorkflowAsync<TWorkflow, TResult>(
        Expression<Func<TWorkflow, Task<TResult>>> workflowRunCall, ChildWorkflowOptions? options = null) =>
        await (await StartChildWorkflowAsync(workflowRunCall, options)).GetResultAsync();

    /// <inheritdoc cref="ExecuteChildWorkflowAsync{TWorkflow, TResult}" />
    public static async Task ExecuteChildWorkflowAsync<TWorkflow>(
        Expression<Func<TWorkflow, Task>> workflowRunCall, ChildWorkflowOptions? options = null) =>
        await (await StartChildWorkflowAsync(workflowRunCall, options)).GetResultAsync();

    /// <inheritdoc cref="ExecuteChildWorkflowAsync{TWorkflow, TResult}" />
    public static async Task ExecuteChildWorkflowAsync(string workflow, IReadOnlyCollection<object?> args, ChildWorkflowOptions? options = null) =>
        await (await StartChildWorkflowAsync(workflow, args, options)).GetResultAsync();

    /// <inheritdoc cref="ExecuteChildWorkflowAsync{TWorkflow, TResult}" />
    public static async Task<TResult> ExecuteChildWorkflowAsync<TResult>(string workflow, IReadOnlyCollection<object?> args, ChildWorkflowOptions? options = null) =>
        await (await StartChildWorkflowAsync(workflow, args, options)).GetResultAsync<TResult>();

    /// <summary>Names another workflow of this namespace.</summary>
    public static ExternalWorkflowHandle GetExternalWorkflowHandle(string id, string? runId = null) => GetExternalWorkflowHandle<ValueTuple>(id, runId);

    /// <inheritdoc cref="GetExternalWorkflowHandle(string, string?)" />
    public static ExternalWorkflowHandle<TWorkflow> GetExternalWorkflowHandle<TWorkflow>(string id, string? runId = null) =>
        Context.GetExternalWorkflowHandle<TWorkflow>(id, runId);

    /// <summary>Sets and removes fields of this workflow's memo.</summary>
    /// <exception cref="ArgumentException">No update is given, or two of one field.</exception>
    public static void UpsertMemo(params MemoUpdate[] updates) => Context.UpsertMemo(updates);

    /// <summary>Sets and removes search attributes of this workflow.</summary>
    /// <exception cref="ArgumentException">No update is given, or two of one attribute.</exception>
    public static void UpsertTypedSearchAttributes(params SearchAttributeUpdate[] updates) => Context.UpsertTypedSearchAttributes(updates);
}
