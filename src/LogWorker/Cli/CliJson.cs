using System.Text.Json.Serialization;
using LogPipeline.Worker.Configuration;
using LogPipeline.Worker.Verify;

namespace LogPipeline.Worker.Cli;

/// <summary>What <c>--output json</c> writes for programs, but for dead letters, which are JSON on disk too.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<ShownOption>))]
[JsonSerializable(typeof(VerifyReport))]
sealed partial class CliJson : JsonSerializerContext;
