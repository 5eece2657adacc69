package dev.tenon.samples.lessons;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Mul;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.shape.Gather;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.BatchStatistics;
import dev.tenon.serving.Call;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.serving.NotBatchableException;
import dev.tenon.serving.OverloadedException;
import dev.tenon.serving.TrialFailedException;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.serving.versions.Models;
import dev.tenon.serving.versions.Trial;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A model in a service: many callers at once, a call that fails, a deadline, and a new version. The wrong way is to put
 * rows of several callers together by hand: the lesson shows a model for which this changes the answers, and that a
 * batcher refuses it.
 */
public final class Lesson12Serving implements Command {
    private static final int WORDS = 50;
    private static final int CALLERS = 400;
    private static final int UNKNOWN = 1000;
    private static final float[] TABLE = new float[WORDS];

    static {
        for (int i = 0; i < WORDS; i++) {
            TABLE[i] = (i * 37 % WORDS) / (float) WORDS;
        }
    }

    private boolean right = true;

    /** Makes the lesson. */
    public Lesson12Serving() {}

    @Override
    public Usage usage() {
        return Usage.of(
                        "samples/run lesson-serving",
                        "A lesson: calls that are merged, deadlines, refusals, and a change of version.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-serving");
    }

    @Override
    public int run(List<String> args, PrintStream out) {
        usage().parse(args);
        right = true;
        mixed(out);
        Session session = model(1).session(SessionOptions.standard().threads(1));
        Batcher batcher = Batcher.of(session, options());
        out.println(
                "2. " + CALLERS + " callers at once, each with its own word; one of them has a word that is unknown:");
        callers(batcher, session, out);
        out.println("3. A call that must end within a nanosecond:");
        deadline(batcher, out);
        out.println("4. A new version of the model, which must pass a trial before it serves:");
        versions(out);
        return right ? 0 : 1;
    }

    /** A batcher proves with samples that rows can run together; random indices would not be words. */
    private static BatchOptions options() {
        return BatchOptions.standard().samples(List.of(Map.of("word", Tensor.of(new long[] {0, 7, 13, 49}))));
    }

    /** Looks words up in a table, and multiplies by a factor. A word that is not in the table is an error. */
    private static Model model(float factor) {
        GraphBuilder graph = new GraphBuilder("words");
        Value word = graph.input("word", ValueType.parse("i64[n]"));
        Value table = graph.constant("table", Tensor.of(TABLE));
        Value score = graph.add(new Gather(0), table, word);
        return Model.of(graph.output(
                        "score", graph.add(new Mul(), score, graph.constant("factor", Tensor.scalar(factor))))
                .build());
    }

    private void check(boolean claim, String text, PrintStream out) {
        right &= claim;
        out.println((claim ? "   right: " : "   WRONG: ") + text);
    }

    private void mixed(PrintStream out) {
        out.println("1. A model that compares the rows of a call with each other:");
        GraphBuilder graph = new GraphBuilder("ranking");
        Value x = graph.input("x", ValueType.parse("f32[n]"));
        Model model = Model.of(graph.output("y", graph.add(new Softmax(0), x)).build());
        float alone =
                model.predict(Map.of("x", Tensor.of(new float[] {1}))).tensor().getFloat(0);
        float together = model.predict(Map.of("x", Tensor.of(new float[] {1, 3})))
                .tensor()
                .getFloat(0);
        check(alone != together, "one row alone is " + alone + ", beside another " + together, out);
        try {
            Batcher.of(model.session(), BatchOptions.standard());
            check(false, "the batcher took it", out);
        } catch (NotBatchableException e) {
            check(true, "the batcher refuses it: " + e.getMessage(), out);
        }
    }

    private void callers(Batcher batcher, Session session, PrintStream out) {
        List<Future<Tensor>> calls = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CALLERS; i++) {
                long word = i == CALLERS / 2 ? UNKNOWN : i % WORDS;
                Map<String, Tensor> inputs = Map.of("word", Tensor.of(new long[] {word}));
                calls.add(threads.submit(() -> batcher.predict(inputs).tensor()));
            }
        }
        int same = 0;
        int failed = 0;
        for (int i = 0; i < CALLERS; i++) {
            try {
                Tensor alone = session.predict(Map.of("word", Tensor.of(new long[] {i % WORDS})))
                        .tensor();
                same += calls.get(i).get().contentEquals(alone) ? 1 : 0;
            } catch (ExecutionException e) {
                failed += e.getCause() instanceof InvalidOperandException ? 1 : 0;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        BatchStatistics s = batcher.statistics();
        check(same == CALLERS - 1, same + " calls got the bits that they get alone", out);
        check(failed == 1 && s.failed() == 1, "only the call with the unknown word failed", out);
        out.println("   " + s.runs() + " runs, " + s.mergedRuns() + " of them for several callers");
    }

    private void deadline(Batcher batcher, PrintStream out) {
        Map<String, Tensor> inputs = Map.of("word", Tensor.of(new long[] {1}));
        try {
            batcher.predict(inputs, Call.standard().within(Duration.ofNanos(1)).lane("hasty"));
            check(false, "it ended in time", out);
        } catch (DeadlineExceededException | OverloadedException e) {
            check(true, e.getMessage(), out);
        }
    }

    private void versions(PrintStream out) {
        Map<String, Tensor> inputs = Map.of("word", Tensor.of(new long[] {1}));
        Map<String, Tensor> expected = Map.of("score", Tensor.of(new float[] {2 * TABLE[1]}));
        Models models = Models.create(SessionOptions.standard().threads(1), options());
        models.load("words", "1", model(1), Trial.none());
        models.promote("words", "1");
        Trial trial = Trial.of(List.of(inputs), List.of(expected), 0);
        try {
            models.load("words", "2", model(3), trial);
            check(false, "a wrong version was accepted", out);
        } catch (TrialFailedException e) {
            check(true, e.getMessage(), out);
        }
        check(score(models, inputs) == TABLE[1], "version 1 serves as before", out);
        models.load("words", "2", model(2), trial);
        models.promote("words", "2");
        check(score(models, inputs) == 2 * TABLE[1], "version 2 passed the trial and serves", out);
        models.rollback("words");
        check(score(models, inputs) == TABLE[1], "after a rollback version 1 serves again", out);
    }

    private static float score(Models models, Map<String, Tensor> inputs) {
        return models.predict("words", inputs).tensor().getFloat(0);
    }
}
