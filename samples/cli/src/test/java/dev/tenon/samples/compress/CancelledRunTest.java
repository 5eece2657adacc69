package dev.tenon.samples.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.compression.recipe.Recipes;
import dev.tenon.formats.npy.Npy;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are ended half way save the best so far, and go on where they were. The process that is ended has vector loops. */
@Tag("vector")
class CancelledRunTest {
    private static final int WIDTH = 16;
    private static final int LAYERS = 3;
    private static final int SAMPLES = 4_000;
    private static final int CALIBRATION = 64;
    /** Only a run that hangs takes as long. */
    private static final long PATIENCE_MILLIS = 600_000;

    private static final String HELD = "waits to be ended";

    /** Exit code of a JVM that SIGTERM has ended. */
    private static final int TERMINATED = 143;

    @TempDir
    private Path folder;

    @BeforeEach
    void writeFiles() {
        SplittableRandom random = new SplittableRandom(7);
        GraphBuilder graph = new GraphBuilder("small");
        Value x = graph.input("x", ValueType.parse("f32[rows," + WIDTH + "]"));
        for (int i = 0; i < LAYERS; i++) {
            Value w = graph.constant("w" + i, random(random, WIDTH, WIDTH));
            Value sum = graph.add(new MatMul(), "layer" + i, List.of(x, w), List.of("y" + i))
                    .getFirst();
            x = i == LAYERS - 1 ? sum : graph.add(new Relu(), sum);
        }
        Model model = Model.of(graph.output("y", x).build());
        model.save(folder.resolve("m.onnx"));
        Tensor samples = random(random, SAMPLES, WIDTH);
        Npy.write(folder.resolve("x.npy"), samples);
        Npy.write(folder.resolve("c.npy"), random(random, CALIBRATION, WIDTH));
        float[] y = model.predict(Map.of("x", samples)).tensor("y").toFloatArray();
        long[] labels = new long[SAMPLES];
        for (int i = 0; i < y.length; i++) {
            int row = i / WIDTH;
            labels[row] = y[i] > y[row * WIDTH + (int) labels[row]] ? i % WIDTH : labels[row];
        }
        Npy.write(folder.resolve("l.npy"), Tensor.of(labels));
    }

    private static Tensor random(SplittableRandom random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() / Math.sqrt(columns));
        }
        return Tensor.of(values, rows, columns);
    }

    private List<String> arguments(String out, String... more) {
        List<String> args = new ArrayList<>(List.of(folder.resolve("m.onnx").toString(), "--recipe", "w3a8"));
        args.addAll(List.of("--calibrate", folder.resolve("c.npy").toString()));
        args.addAll(List.of("--evaluate", folder.resolve("x.npy").toString()));
        args.addAll(List.of("--labels", folder.resolve("l.npy").toString(), "--floor", "0.04"));
        args.addAll(List.of("--out", folder.resolve(out).toString()));
        args.addAll(List.of(more));
        return args;
    }

    private static String run(List<String> args, int expected, int ticks) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int[] left = {ticks};
        CompressCommand command = new CompressCommand(Recipes.standard(), progress -> (task, share, remaining) -> {
            if (task.startsWith("sensitivity") && left[0]-- == 0) {
                throw new CancellationException("after " + ticks);
            }
            progress.at(task, share, remaining);
        });
        int exit = command.run(args, new PrintStream(bytes, true, StandardCharsets.UTF_8));
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertThat(exit).as(text).isEqualTo(expected);
        return text;
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void anEndedRunGoesOnWithTheSameBytes() throws IOException, InterruptedException {
        String whole = run(arguments("whole.onnx"), 0, Integer.MAX_VALUE);
        assertThat(whole).contains("left: alone it costs").contains("wrote ");
        // Ended by its progress, without a folder to go on from.
        String ended = run(arguments("best.onnx"), 130, 100);
        assertThat(ended)
                .contains("ended before the work was done")
                .contains("wrote the best so far")
                .contains("floor");
        assertThat(ended).doesNotContain("goes on");
        assertThat(files()).containsExactly("best.onnx", "c.npy", "l.npy", "m.onnx", "whole.onnx", "x.npy");
        assertThat(Model.load(folder.resolve("best.onnx")).graph().nodes()).isNotEmpty();
        // Ended by a signal.
        String killed = killed(
                arguments("killed.onnx", "--resume", folder.resolve("state").toString()));
        assertThat(killed).contains("the same command goes on from").contains("wrote the best so far");
        try (Stream<Path> kept = Files.list(folder.resolve("state"))) {
            assertThat(kept.map(p -> p.getFileName().toString()))
                    .singleElement()
                    .asString()
                    .startsWith("recipe-")
                    .endsWith(".txt");
        }
        String resumed =
                run(arguments("killed.onnx", "--resume", folder.resolve("state").toString()), 0, Integer.MAX_VALUE);
        assertThat(resumed).doesNotContain("sensitivity: layer0").contains("wrote ");
        assertThat(folder.resolve("killed.onnx")).hasSameBinaryContentAs(folder.resolve("whole.onnx"));
    }

    /** The command in a process of its own, which waits in its second layer until it is told to end. */
    static final class Held {
        private Held() {}

        public static void main(String[] args) throws IOException {
            CountDownLatch end = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(end::countDown));
            new CompressCommand(Recipes.standard(), progress -> (task, share, remaining) -> {
                        progress.at(task, share, remaining);
                        if (task.startsWith("sensitivity: layer1")) {
                            System.out.println(HELD);
                            hold(end);
                        }
                    })
                    .run(List.of(args), System.out);
        }

        /** The hook of the command runs at the same time as the one that ends the wait. */
        private static void hold(CountDownLatch end) {
            try {
                end.await();
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private String killed(List<String> args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                Held.class.getName()));
        command.addAll(args);
        Path out = Files.createTempFile("cancelled", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            long end = System.currentTimeMillis() + PATIENCE_MILLIS;
            while (!Files.readString(out).contains(HELD) && process.isAlive() && System.currentTimeMillis() < end) {
                Thread.sleep(5);
            }
            process.destroy();
            boolean hasEnded = process.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            process.destroyForcibly();
            String text = Files.readString(out);
            assertThat(hasEnded).as(text).isTrue();
            assertThat(process.exitValue()).as(text).isEqualTo(TERMINATED);
            return text;
        } finally {
            Files.delete(out);
        }
    }
}
