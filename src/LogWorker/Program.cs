using LogPipeline.Worker.Cli;

Terminal.Guard();
return await LogWorkerCommand.RunAsync(args);
