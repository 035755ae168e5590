using System.CommandLine;
using TorchSharp;
using Vpo.Models.Llama;
using Vpo.Models.Lora;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo convert</c>: a GGUF file, or a base model with an adapter, becomes a Hugging Face folder.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "A Hugging Face folder, a GGUF file, or the name of a repository that was pulled.", Required = true };
        var adapter = new Option<string?>("--adapter") { Description = "The folder of a LoRA adapter (peft) to merge." };
        var output = new Option<string>("--out") { Description = "The new folder.", Required = true };
        var type = new Option<ModelType>("--type") { Description = "Type of the weights; Auto keeps what is on disk (packed GGUF types become float32, which loses nothing).", DefaultValueFactory = _ => ModelType.Auto };
        var command = new Command("convert", "Turns a GGUF file, or a model and an adapter, into a Hugging Face folder.") { model, adapter, output, type };
        command.SetAction(parsed => Run(parsed.GetValue(model)!, parsed.GetValue(adapter), parsed.GetValue(output)!, parsed.GetValue(type)));
        return command;
    }

    private static int Run(string source, string? adapter, string output, ModelType type)
    {
        source = OpenedModel.Locate(source);
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
