using LogPipeline.Worker.Cli;

return await LogWorkerCommand.RunAsync(args);
