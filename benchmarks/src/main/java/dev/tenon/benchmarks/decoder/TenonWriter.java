package dev.tenon.benchmarks.decoder;

import dev.tenon.SessionOptions;
import dev.tenon.generation.Generation;
import dev.tenon.generation.GenerationRequest;
import dev.tenon.generation.GeneratorOptions;
import dev.tenon.generation.model.LanguageModel;
import dev.tenon.generation.model.TextGenerator;
import dev.tenon.serving.Call;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Texts by a {@link TextGenerator}, as an application calls it: one by the thread of the caller, several by futures. */
final class TenonWriter implements Writer {
    private final TextGenerator generator;

    /**
     * Loads a decoder.
     *
     * @param file the file
     * @param threads the threads of a step
     */
    TenonWriter(Path file, int threads) {
        generator = LanguageModel.load(file)
                .generator(GeneratorOptions.standard()
                        .contextTokens(CONTEXT)
                        .session(SessionOptions.standard().threads(threads)));
    }

    @Override
    public Time write(List<int[]> prompts, int tokens) {
        List<GenerationRequest> requests = prompts.stream()
                .map(ids -> GenerationRequest.tokens(ids).maxTokens(tokens))
                .toList();
        if (requests.size() == 1) {
            return time(tokens, List.of(generator.generate(requests.getFirst())));
        }
        List<CompletableFuture<Generation>> futures = requests.stream()
                .map(request -> generator.submit(request, Call.standard()))
                .toList();
        return time(tokens, futures.stream().map(CompletableFuture::join).toList());
    }

    private static Time time(int tokens, List<Generation> texts) {
        double first = 0;
        double all = 0;
        for (Generation text : texts) {
            if (text.tokens().size() != tokens) {
                throw new IllegalStateException(
                        "a text ended after " + text.tokens().size() + " of " + tokens
                                + " tokens: random weights chose the token that ends texts");
            }
            first = Math.max(first, nanos(text.usage().timeToFirstToken()));
            all = Math.max(all, nanos(text.usage().time()));
        }
        return new Time(first, all - first);
    }

    private static double nanos(Duration duration) {
        return duration.toNanos();
    }

    @Override
    public void close() {
        generator.close();
    }
}
