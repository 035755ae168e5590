using System.Globalization;
using Vpo.Models.Checkpoints;
using Vpo.Training;
using static TorchSharp.torch;

namespace Vpo.MiniWorld;

/// <summary>What a generator's training keeps in a folder of its own until it is done: the newest state of each stage, one whole file each.</summary>
/// <param name="folder">Made when something is saved.</param>
/// <param name="log">Travels with the states; its first line tells runs apart.</param>
internal sealed class UnfinishedGenerator(string folder, TrainingLog log)
{
    private const string Step = "step", Log = "log", Sum = "sum";

    /// <summary>Reads a stage's state into the given tensors.</summary>
    /// <returns>Steps done; 0 without a file.</returns>
    /// <exception cref="RunMismatchException">The folder holds the training of another recipe.</exception>
    public int Restore(string stage, IEnumerable<KeyValuePair<string, Tensor>> state)
    {
        if (!File.Exists(PathOf(stage)))
            return 0;
        using var file = SafetensorsFile.Open(PathOf(stage));
        CheckSame(Path.GetDirectoryName(folder)!, file.Metadata[Log], log.Text);
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, tensor) in state)
            tensor.copy_(file.Read(name));
        log.State = (file.Metadata[Log], double.Parse(file.Metadata[Sum], CultureInfo.InvariantCulture));
        return int.Parse(file.Metadata[Step], CultureInfo.InvariantCulture);
    }

    /// <summary>Replaces a stage's file.</summary>
    public void Save(string stage, int step, IEnumerable<KeyValuePair<string, Tensor>> state) => SafetensorsWriter.Write(PathOf(stage), state, new Dictionary<string, string>
    {
        [Step] = step.ToString(CultureInfo.InvariantCulture),
        [Log] = log.Text,
        [Sum] = log.State.Sum.ToString("R", CultureInfo.InvariantCulture),
    });

    /// <summary>Training is done: the states are not needed any more.</summary>
    public void Delete()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>Throws when two logs begin with different recipes.</summary>
    public static void CheckSame(string place, string found, string wanted)
    {
        var (old, now) = (found.Split('\n')[0], wanted.Split('\n')[0]);
        if (old != now)
            throw new RunMismatchException($"'{place}' holds another generator: it has '{old}' where '{now}' is asked for. Choose another folder, or delete this one to start again.");
    }

    private string PathOf(string stage) => Path.Combine(folder, stage + ".safetensors");
}
