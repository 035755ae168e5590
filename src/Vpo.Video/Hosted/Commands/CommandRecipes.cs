namespace Vpo.Video.Hosted;

/// <summary>Ready settings for programs that models come with. See docs/generators.md for what has to be installed.</summary>
public static class CommandRecipes
{
    private const string Python = "python";

    /// <summary>Open-Sora 1.2 by its own script, 51 frames (2 s) at 720p in landscape, 30 steps.</summary>
    /// <param name="options">What to set.</param>
    /// <param name="checkout">The folder of the repository at tag v1.2.0.</param>
    /// <param name="resolution">144p, 240p, 360p, 480p or 720p.</param>
    /// <param name="aspectRatio">Height to width, as the script reads it: "9:16" is landscape.</param>
    public static void UseOpenSora12(this CommandOptions options, string checkout, string resolution = "720p", string aspectRatio = "9:16")
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Program = Python;
        options.WorkingFolder = checkout;
        options.Add("scripts/inference.py", "configs/opensora-v1-2/inference/sample.py", "--num-frames", "{{frames}}", "--resolution", resolution, "--aspect-ratio", aspectRatio,
            "--num-sampling-steps", "{{steps}}", "--cfg-scale", "{{guidance}}", "--seed", "{{seed}}", "--save-dir", "{{out}}", "--prompt", "{{prompt}}");
        options.Output = "sample_0000.mp4";
        (options.Defaults.Model, options.Defaults.FrameCount, options.Defaults.FramesPerSecond, options.Defaults.Steps) = ("open-sora-1.2", 51, 24, 30);
    }

    /// <summary>HunyuanVideo by diffusers: 61 frames of 832x480 at 24 a second, 30 steps.</summary>
    /// <param name="options">What to set.</param>
    /// <param name="script">The path of docs/recipes/diffusers_video.py.</param>
    /// <param name="model">The model's folder or name.</param>
    public static void UseHunyuanVideo(this CommandOptions options, string script, string model = "hunyuanvideo-community/HunyuanVideo")
    {
        options.UseDiffusers(script, model);
        (options.Defaults.Width, options.Defaults.Height, options.Defaults.FrameCount, options.Defaults.FramesPerSecond, options.Defaults.Steps) = (832, 480, 61, 24, 30);
    }

    /// <summary>Stable Video Diffusion by diffusers: makes <see cref="VideoRequest.StartFrame"/> move for 25 frames of 1024x576. It reads no prompt.</summary>
    /// <param name="options">What to set.</param>
    /// <param name="script">The path of docs/recipes/diffusers_video.py.</param>
    /// <param name="model">The model's folder or name.</param>
    public static void UseStableVideoDiffusion(this CommandOptions options, string script, string model = "stabilityai/stable-video-diffusion-img2vid-xt")
    {
        options.UseDiffusers(script, model);
        (options.Defaults.Width, options.Defaults.Height, options.Defaults.FrameCount, options.Defaults.FramesPerSecond, options.Defaults.Steps) = (1024, 576, 25, 7, 25);
    }

    /// <summary>Any video pipeline of diffusers.</summary>
    /// <param name="options">What to set.</param>
    /// <param name="script">The path of docs/recipes/diffusers_video.py.</param>
    /// <param name="model">The model's folder or name.</param>
    public static void UseDiffusers(this CommandOptions options, string script, string model)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Program = Python;
        options.Add(Path.GetFullPath(script), "--model", "{{model}}", "--prompt-file", "{{prompt_file}}", "--negative-prompt", "{{negative_prompt}}", "--image", "{{start_frame}}",
            "--width", "{{width}}", "--height", "{{height}}", "--frames", "{{frames}}", "--fps", "{{rate}}", "--steps", "{{steps}}", "--guidance", "{{guidance}}", "--seed", "{{seed}}", "--out", "{{out}}");
        options.Output = "clip.mp4";
        options.Defaults.Model = model;
    }

    private static void Add(this CommandOptions options, params ReadOnlySpan<string> arguments)
    {
        options.Arguments.Clear();
        foreach (var argument in arguments)
            options.Arguments.Add(argument);
    }
}
