using Temporalio.Api.WorkflowService.V1;
using Temporalio.Converters;

namespace Temporalio.Client;

/// <summary>What the server knows about one run, asked for by name.</summary>
public class WorkflowExecutionDescription : WorkflowExecution
{
    readonly Lazy<Task<(string? Summary, string? Details)>> _userMetadata;

    protected internal WorkflowExecutionDescription(DescribeWorkflowExecutionResponse rawDescription, DataConverter dataConverter)
        : base(rawDescription.WorkflowExecutionInfo, dataConverter, null)
    {
        RawDescription = rawDescription;
        _userMetadata = new(() => dataConverter.FromUserMetadataAsync(rawDescription.ExecutionConfig?.UserMetadata));
    }

    internal DescribeWorkflowExecutionResponse RawDescription { get; }

    /// <summary>What was given as <see cref="WorkflowOptions.StaticSummary"/>.</summary>
    public async Task<string?> GetStaticSummaryAsync() => (await _userMetadata.Value.ConfigureAwait(false)).Summary;

    /// <summary>What was given as <see cref="WorkflowOptions.StaticDetails"/>.</summary>
    public async Task<string?> GetStaticDetailsAsync() => (await _userMetadata.Value.ConfigureAwait(false)).Details;
}
