using System.CommandLine;
using TorchSharp;
using Vpo.Models.Llama;
using Vpo.Models.Lora;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo convert</c>: a base model and an adapter become one Hugging Face folder.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "The base model: a Hugging Face folder.", Required = true };
        var adapter = new Option<string?>("--adapter") { Description = "The folder of a LoRA adapter (peft) to merge." };
        var output = new Option<string>("--out") { Description = "The new folder.", Required = true };
        var type = new Option<ModelType>("--type") { Description = "Type of the weights; Auto keeps what is on disk.", DefaultValueFactory = _ => ModelType.Auto };
        var command = new Command("convert", "Merges an adapter into its base model, or changes the type of the weights, and writes a Hugging Face folder.") { model, adapter, output, type };
        command.SetAction(parsed => Run(parsed.GetValue(model)!, parsed.GetValue(adapter), parsed.GetValue(output)!, parsed.GetValue(type)));
        return command;
    }

    private static int Run(string source, string? adapter, string output, ModelType type)
    {
        if (!Directory.Exists(source))
            throw new NotSupportedException($"--model '{source}' is not a folder. GGUF files can't be converted yet: their tokenizer has no writer; use them as they are.");
        using var checkpoint = LlamaCheckpoint.Open(source);
        using var model = checkpoint.Load(type switch
        {
            ModelType.Float32 => torch.ScalarType.Float32,
            ModelType.BFloat16 => torch.ScalarType.BFloat16,
            _ => null,
        });
        if (adapter is not null)
            LoraAdapter.Open(model, adapter).Merge();
        LlamaFolder.CopyTokenizer(source, output);
        LlamaFolder.Save(output, model);
        Console.WriteLine(output);
        return 0;
    }
}
