#!/usr/bin/env python3
"""Makes one clip with a video pipeline of diffusers. Called by the generators of docs/generators.md.

Needs: pip install torch diffusers transformers accelerate imageio imageio-ffmpeg sentencepiece
"""
import argparse
import inspect
import os

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True, help="folder or name of a diffusers pipeline")
parser.add_argument("--prompt-file", required=True)
parser.add_argument("--out", required=True, help="folder; the clip becomes clip.mp4")
parser.add_argument("--negative-prompt")
parser.add_argument("--image", help="first frame, for pipelines that take one")
for name in ("width", "height", "frames", "steps", "seed"):
    parser.add_argument("--" + name, type=int)
for name in ("fps", "guidance"):
    parser.add_argument("--" + name, type=float)
args = parser.parse_args()

import torch  # noqa: E402  after the arguments, so that mistakes in them show at once
from diffusers import DiffusionPipeline  # noqa: E402
from diffusers.utils import export_to_video, load_image  # noqa: E402

with open(args.prompt_file, encoding="utf-8") as file:
    prompt = file.read()
device = "cuda" if torch.cuda.is_available() else "cpu"
pipe = DiffusionPipeline.from_pretrained(args.model, torch_dtype=torch.bfloat16)
if device == "cuda":
    pipe.enable_model_cpu_offload()
if hasattr(getattr(pipe, "vae", None), "enable_tiling"):
    pipe.vae.enable_tiling()

wanted = {
    "prompt": prompt,
    "negative_prompt": args.negative_prompt,
    "image": load_image(args.image) if args.image else None,
    "width": args.width,
    "height": args.height,
    "num_frames": args.frames,
    "num_inference_steps": args.steps,
    "guidance_scale": args.guidance,
    "fps": int(args.fps) if args.fps and "image" in inspect.signature(pipe.__call__).parameters else None,
    "generator": torch.Generator("cpu").manual_seed(args.seed or 0),
}
known = inspect.signature(pipe.__call__).parameters
unknown = [name for name in ("negative_prompt", "image", "width", "height", "num_frames") if wanted[name] is not None and name not in known]
if unknown:
    raise SystemExit(f"{type(pipe).__name__} takes no {', '.join(unknown)}")
frames = pipe(**{name: value for name, value in wanted.items() if value is not None and name in known}).frames[0]
os.makedirs(args.out, exist_ok=True)
export_to_video(frames, os.path.join(args.out, "clip.mp4"), fps=int(args.fps or 8))
