package dev.tenon.samples.generate;

import dev.tenon.SessionOptions;
import dev.tenon.generation.Generation;
import dev.tenon.generation.GenerationRequest;
import dev.tenon.generation.GeneratorOptions;
import dev.tenon.generation.Sampling;
import dev.tenon.generation.model.LanguageModel;
import dev.tenon.generation.model.TextGenerator;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import dev.tenon.samples.UsageException;
import dev.tenon.serving.Call;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Goes on with a text, and prints what a model writes as it writes it. */
public final class GenerateCommand implements Command {
    private static final int MOST = 999_999_999;
    private static final int TOKENS = 256;

    /** Makes the command. */
    public GenerateCommand() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run generate", "Goes on with a text by a decoder in GGUF, safetensors or ONNX.")
                .arguments(
                        "MODEL PROMPT",
                        "a GGUF file or the folder of a model, and the text; no chat template is applied")
                .option("--tokens", "N", "the most tokens; 256, or what the context leaves, if it is not given")
                .option(
                        "--temperature",
                        "T",
                        "draws tokens at this temperature; without it, the most probable ones are taken")
                .option("--top-k", "N", "draws from the N most probable tokens")
                .option("--top-p", "P", "draws from the fewest tokens whose probabilities sum to P")
                .option("--min-p", "P", "draws from tokens at least P times as probable as the most probable one")
                .option("--seed", "N", "the seed of what is drawn; the same one gives the same text")
                .repeated("--stop", "TEXT", "stops before this text")
                .option("--context", "N", "the most tokens of prompt and text together")
                .option("--threads", "N", "the threads of a step")
                .example(
                        "samples/run generate model.gguf 'The three primary colours are'",
                        "samples/run generate model.gguf 'Once upon a time' --temperature 0.8 --top-p 0.95 --seed 1");
    }

    @Override
    public int run(List<String> args, PrintStream out) {
        Arguments given = usage().parse(args);
        if (given.rest().size() != 2) {
            throw new UsageException("name a model and a prompt");
        }
        GeneratorOptions options = GeneratorOptions.standard().maxSequences(1);
        if (given.has("--context")) {
            options = options.contextTokens(given.number("--context", 1, MOST, 1));
        }
        if (given.has("--threads")) {
            options = options.session(SessionOptions.standard().threads(given.number("--threads", 1, MOST, 1)));
        }
        Sampling sampling = sampling(given);
        long start = System.nanoTime();
        LanguageModel model = LanguageModel.load(Path.of(given.rest().getFirst()));
        try (TextGenerator generator = model.generator(options)) {
            int[] prompt = model.promptTokens(given.rest().getLast());
            int left = generator.contextTokens() - prompt.length;
            int tokens = given.number("--tokens", 1, MOST, Math.clamp(left, 1, TOKENS));
            long loaded = System.nanoTime();
            GenerationRequest request = GenerationRequest.tokens(prompt)
                    .maxTokens(tokens)
                    .sampling(sampling)
                    .stop(given.values("--stop").toArray(String[]::new));
            Generation found = generator.stream(request, Call.standard(), part -> {
                out.print(part.text());
                out.flush();
            });
            out.printf("%n%n");
            tell(found, loaded - start, out);
        }
        return 0;
    }

    private static Sampling sampling(Arguments given) {
        Sampling sampling = Sampling.temperature(decimal(given, "--temperature", 0));
        if (given.has("--top-k")) {
            sampling = sampling.topK(given.number("--top-k", 1, MOST, 1));
        }
        if (given.has("--seed")) {
            sampling = sampling.seed(given.number("--seed", 0, MOST, 0));
        }
        return sampling.topP(decimal(given, "--top-p", 1)).minP(decimal(given, "--min-p", 0));
    }

    private static double decimal(Arguments given, String option, double standard) {
        String text = given.value(option).orElse(null);
        if (text == null) {
            return standard;
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new UsageException(option + " " + text + " is not a number");
        }
    }

    private static void tell(Generation found, long loadNanos, PrintStream out) {
        Generation.Usage usage = found.usage();
        out.printf(
                Locale.ROOT,
                "loaded in %.0f ms; %d tokens of prompt, first token after %.0f ms; %d tokens written, %.1f a second; ended: %s%s%n",
                loadNanos / 1e6,
                usage.promptTokens(),
                usage.timeToFirstToken().toNanos() / 1e6,
                usage.generatedTokens(),
                usage.tokensPerSecond(),
                found.reason(),
                found.stop().map(stop -> " at '" + stop + "'").orElse(""));
    }
}
