package dev.tenon.samples.lessons;

import dev.tenon.error.InvalidInputException;
import dev.tenon.generation.Generation;
import dev.tenon.generation.GenerationRequest;
import dev.tenon.generation.GeneratorOptions;
import dev.tenon.generation.Sampling;
import dev.tenon.generation.model.LanguageModel;
import dev.tenon.generation.model.TextGenerator;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import dev.tenon.serving.Call;
import dev.tenon.serving.Cancellation;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Text from a decoder: as it is written, beside others, with a prompt that was seen before, and to its end. The wrong way is to ask
 * for one token at a time with all text so far: the lesson counts the tokens that each way hands in.
 */
public final class Lesson16Generation implements Command {
    private static final int COUNT = 24;
    private static final int CALLS = 16;

    private boolean right = true;

    /** Makes the lesson. */
    public Lesson16Generation() {}

    @Override
    public Usage usage() {
        return Usage.of(
                        "samples/run lesson-generation",
                        "A lesson: text from a decoder, streamed, beside others, and stopped.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-generation");
    }

    @Override
    public int run(List<String> args, PrintStream out) throws IOException {
        usage().parse(args);
        right = true;
        Path folder = Files.createTempDirectory("small-decoder");
        try {
            SmallDecoder.write(folder);
            LanguageModel model = LanguageModel.load(folder);
            try (TextGenerator generator = model.generator(GeneratorOptions.standard())) {
                run(generator, out);
            }
        } finally {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
        return right ? 0 : 1;
    }

    private void run(TextGenerator generator, PrintStream out) {
        GenerationRequest request = GenerationRequest.text(prompt(100)).maxTokens(COUNT);
        out.println("1. A small decoder with random weights goes on with 100 words; parts come as they are written:");
        out.print("  ");
        Generation text = generator.stream(request, Call.standard(), part -> out.print(" |" + part.text()));
        out.println();
        out.println("2. The wrong way: a call for each token, with all text so far, of which nothing is kept:");
        wrongWay(generator, text, out);
        out.println("3. " + CALLS + " requests at once, each with its own seed, and the same ones alone:");
        together(generator, out);
        out.println("4. The same prompt once more: what was computed before is found again:");
        Generation again = generator.generate(request);
        claim(
                again.text().equals(text.text()) && again.usage().cachedTokens() == 99,
                again.usage().cachedTokens() + " of 100 tokens of the prompt were in the cache; the text is the same",
                out);
        out.println("5. A text that stops, one that is cancelled, and one that can't fit:");
        ends(generator, request, text, out);
    }

    private static String prompt(int words) {
        return IntStream.range(0, words)
                .mapToObj(i -> SmallDecoder.word((i * i + 3 * i) % 61))
                .collect(Collectors.joining(" "));
    }

    private void claim(boolean holds, String what, PrintStream out) {
        right &= holds;
        out.println("   " + (holds ? "right: " : "WRONG: ") + what);
    }

    private void wrongWay(TextGenerator generator, Generation text, PrintStream out) {
        int[] all = generator.model().promptTokens(prompt(100));
        int handed = 0;
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < text.tokens().size(); i++) {
            // A lane of its own for each call: nothing of the one before is found.
            Generation next = generator.generate(
                    GenerationRequest.tokens(all).maxTokens(1), Call.standard().lane("call " + i));
            handed += next.usage().promptTokens() - next.usage().cachedTokens();
            found.add(next.tokenIds()[0]);
            int[] longer = Arrays.copyOf(all, all.length + 1);
            longer[all.length] = next.tokenIds()[0];
            all = longer;
        }
        int once = 100 + text.tokens().size() - 1;
        claim(
                found.equals(IntStream.of(text.tokenIds()).boxed().toList()),
                "the same tokens, but " + handed + " were computed in the place of " + once,
                out);
    }

    private void together(TextGenerator generator, PrintStream out) {
        List<GenerationRequest> requests = IntStream.range(0, CALLS)
                .mapToObj(i -> GenerationRequest.text(prompt(5 + 7 * i))
                        .maxTokens(COUNT)
                        .sampling(Sampling.temperature(1).topP(0.95).seed(i)))
                .toList();
        List<CompletableFuture<Generation>> all = requests.stream()
                .map(request -> generator.submit(request, Call.standard()))
                .toList();
        int same = 0;
        for (int i = 0; i < CALLS; i++) {
            String alone = generator.generate(requests.get(i)).text();
            same += all.get(i).join().text().equals(alone) ? 1 : 0;
        }
        claim(same == CALLS, same + " of " + CALLS + " have the text that they have alone", out);
    }

    private void ends(TextGenerator generator, GenerationRequest request, Generation text, PrintStream out) {
        String stop = text.text().trim().split(" ")[5];
        Generation stopped = generator.generate(request.stop(stop));
        claim(
                stopped.reason() == Generation.Reason.STOP && text.text().startsWith(stopped.text()),
                "it stopped before '" + stop + "', after " + stopped.tokens().size() + " tokens",
                out);
        Cancellation cancellation = new Cancellation();
        List<String> parts = new ArrayList<>();
        Generation cancelled = generator.stream(request, Call.standard().cancelledBy(cancellation), part -> {
            parts.add(part.text());
            if (parts.size() == 3) {
                cancellation.cancel();
            }
        });
        claim(
                cancelled.reason() == Generation.Reason.CANCELLED && parts.size() == 3,
                "it was cancelled, and has what was written until then",
                out);
        try {
            generator.generate(request.maxTokens(SmallDecoder.CONTEXT));
            claim(false, "a text that can't fit was not refused", out);
        } catch (InvalidInputException e) {
            claim(true, e.getMessage(), out);
        }
        claim(
                generator.statistics().pages().referenced() == 0,
                "no page is held: " + generator.statistics().pages(),
                out);
    }
}
