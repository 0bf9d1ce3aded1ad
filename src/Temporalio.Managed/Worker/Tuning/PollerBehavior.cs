namespace Temporalio.Worker.Tuning;

/// <summary>How many polls a worker has open.</summary>
public abstract class PollerBehavior
{
    internal PollerBehavior()
    {
    }

    /// <summary>As many as there are slots for, up to a maximum.</summary>
    public sealed class SimpleMaximum : PollerBehavior
    {
        /// <exception cref="ArgumentException">The number is negative.</exception>
        public SimpleMaximum(int maximum) =>
            Maximum = maximum >= 0 ? maximum : throw new ArgumentException("Maximum must be >= 0");

        public int Maximum { get; }
    }

    /// <summary>As many as the server suggests. A server that suggests nothing leaves it at the initial number.</summary>
    public sealed class Autoscaling : PollerBehavior
    {
        /// <exception cref="ArgumentException">A number is negative.</exception>
        public Autoscaling(int minimum = 1, int maximum = 100, int initial = 5)
        {
            if (minimum < 0 || maximum < 0 || initial < 0) throw new ArgumentException("Minimum, maximum, and initial must be >= 0");
            Minimum = minimum;
            Maximum = maximum;
            Initial = initial;
        }

        public int Minimum { get; }

        public int Maximum { get; }

        public int Initial { get; }
    }
}
