using Microsoft.Extensions.Configuration;
using Vpo;
using Vpo.Video.CogVideoX;
using Vpo.Video.Hosted;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses a video generator by configuration alone.</summary>
public static class ConfiguredGenerator
{
    private const string Kinds = "videos-api, zhipu, fal, replicate, comfyui, command, cogvideox", Recipes = "open-sora-1.2, hunyuanvideo, stable-video-diffusion, diffusers";

    /// <summary>Takes the generator that a section of the configuration describes: Kind says which, the other keys are those of its options (see docs/generators.md).</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="section">For example <c>configuration.GetSection("Generators:mine")</c>.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    /// <exception cref="ArgumentException">Kind or Recipe is missing or not known.</exception>
    public static IVpoBuilder UseVideoGenerator(this IVpoBuilder builder, IConfiguration section, Action<VideoGeneratorBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(section);
        return section["Kind"] switch
        {
            "videos-api" => builder.UseVideosApi(section.Bind, configure),
            "zhipu" => builder.UseZhipu(section.Bind, configure),
            "fal" => builder.UseFal(section.Bind, configure),
            "replicate" => builder.UseReplicate(section.Bind, configure),
            "comfyui" => builder.UseComfyUi(section.Bind, configure),
            "command" => builder.UseCommand(options => Bind(options, section), configure),
            "cogvideox" => builder.UseCogVideoX(section["Model"] ?? throw new ArgumentException("Model: expected the folder of a CogVideoX model, found nothing", nameof(section)), section.Get<CogVideoXOptions>(), configure),
            var kind => throw new ArgumentException($"Kind: expected one of {Kinds}, found {kind ?? "nothing"}", nameof(section)),
        };
    }

    private static void Bind(CommandOptions options, IConfiguration section)
    {
        var script = section["Script"] ?? "docs/recipes/diffusers_video.py";
        switch (section["Recipe"])
        {
            case null:
                break;
            case "open-sora-1.2":
                options.UseOpenSora12(section["WorkingFolder"] ?? ".", section["Resolution"] ?? "720p", section["AspectRatio"] ?? "9:16");
                break;
            case "hunyuanvideo":
                options.UseHunyuanVideo(script);
                break;
            case "stable-video-diffusion":
                options.UseStableVideoDiffusion(script);
                break;
            case "diffusers":
                options.UseDiffusers(script, section["Defaults:Model"] ?? throw new ArgumentException("Defaults:Model: expected the folder or name of a diffusers pipeline, found nothing", nameof(section)));
                break;
            case var recipe:
                throw new ArgumentException($"Recipe: expected one of {Recipes}, found {recipe}", nameof(section));
        }
        section.Bind(options);
    }
}
