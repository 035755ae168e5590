using System.Globalization;
using System.Text;

namespace Vpo.MiniWorld;

/// <summary>The training log: the recipe, then a line every hundred steps. It holds no times, so that the same recipe gives the same file.</summary>
internal sealed class TrainingLog(string recipe)
{
    private const int Every = 100;

    private readonly StringBuilder _text = new(recipe + "\n");
    private double _sum;

    /// <summary>Everything so far; the first line is the recipe.</summary>
    public string Text => _text.ToString();

    /// <summary>What a process that goes on has to know: the text, and the sum of the losses that are in no line yet.</summary>
    public (string Text, double Sum) State
    {
        get => (Text, _sum);
        set
        {
            _text.Clear().Append(value.Text);
            _sum = value.Sum;
        }
    }

    /// <summary>Takes in a step's loss.</summary>
    public void Step(string stage, int done, int total, double loss)
    {
        _sum += loss;
        if (done % Every != 0 && done != total)
            return;
        var count = (done - 1) % Every + 1;
        _text.Append(CultureInfo.InvariantCulture, $"{stage} {done}/{total}: mean loss of {count} steps {_sum / count:0.0000}\n");
        _sum = 0;
    }
}
