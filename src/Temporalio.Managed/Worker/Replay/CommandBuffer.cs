using Temporalio.Api.Command.V1;
using Temporalio.Api.History.V1;

namespace Temporalio.Worker.Replay;

/// <summary>
/// The commands of the current workflow task in the order the workflow gave them. The events that record them come in
/// the same order; any other order means that the code has changed.
/// </summary>
sealed class CommandBuffer
{
    readonly List<CommandMachine> _machines = [];

    public int Count => _machines.Count;

    /// <summary>A command given after the one that ends the workflow goes before it, so that it is not lost.</summary>
    public void Add(CommandMachine machine)
    {
        if (_machines is [.., PlainCommandMachine { EndsWorkflow: true }])
        {
            if (machine is not PlainCommandMachine { EndsWorkflow: true }) _machines.Insert(_machines.Count - 1, machine);
            return;
        }
        _machines.Add(machine);
    }

    /// <summary>Takes back a command that history has not recorded yet.</summary>
    public bool Remove(CommandMachine machine) => _machines.Remove(machine);

    /// <summary>The commands to send. They stay here until their events come back.</summary>
    public IEnumerable<Command> ToCommands() => _machines.Select(m => m.ToCommand());

    /// <summary>What the server is told beside the commands, for those of <see cref="ToCommands"/> that refer to a message.</summary>
    public IEnumerable<UpdateMessage> ToMessages() => _machines.OfType<UpdateMachine>().Select(m => m.ToMessage());

    /// <summary>Takes the command that an event records.</summary>
    public CommandMachine Match(HistoryEvent e)
    {
        if (_machines.Count == 0) throw Nondeterminism.Error(e, "the workflow asked for nothing here");
        var machine = _machines[0];
        if (machine.RecordedAs != e.EventType)
            throw Nondeterminism.Error(e, $"the workflow asked for {machine.Describe()} here");
        machine.OnRecorded(e);
        _machines.RemoveAt(0);
        return machine;
    }

    /// <summary>Throws when the workflow asked for something that its complete history does not have.</summary>
    public void AssertEmpty()
    {
        if (_machines.Count > 0) throw Nondeterminism.Unmatched(_machines[0]);
    }

    public CommandMachine? Peek() => _machines.Count > 0 ? _machines[0] : null;
}
