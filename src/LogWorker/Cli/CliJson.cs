using System.Text.Json.Serialization;
using LogPipeline.Publisher;
using LogPipeline.Worker.Cli.Bench;
using LogPipeline.Worker.Cli.Doctor;
using LogPipeline.Worker.Configuration;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Verify;

namespace LogPipeline.Worker.Cli;

/// <summary>What <c>--output json</c> writes for programs, but for dead letters, which are JSON on disk too.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<ShownOption>))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(IReadOnlyList<SpoolFolder>))]
[JsonSerializable(typeof(DoctorAnswer))]
[JsonSerializable(typeof(CanaryResult))]
[JsonSerializable(typeof(BenchReport))]
sealed partial class CliJson : JsonSerializerContext;
