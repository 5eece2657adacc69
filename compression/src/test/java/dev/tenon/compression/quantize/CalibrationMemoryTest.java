package dev.tenon.compression.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Samples;
import dev.tenon.compression.quantize.weights.GptqRounding;
import dev.tenon.formats.npy.Npy;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import dev.tenon.testkit.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory does not grow with the number of samples: many need at most a tenth more than few. */
@Tag("vector")
class CalibrationMemoryTest {
    private static final int FEW = 64;
    private static final int MANY = 4096;
    private static final int WIDTH = 784;
    private static final int HIDDEN = 64;
    private static final double MOST = 1.1;
    private static final int KIB_A_MIB = 1024;
    private static final int MOST_MIB = 38;
    private static final int LEAST_MIB = 6;
    private static final String DONE = "compressed";

    @TempDir
    private Path folder;

    /** Quantises a network with all samples of a file, and judges it on them. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) {
            Samples samples = Samples.npy(Path.of(args[0]));
            Compression result = Compressor.of(model())
                    .calibrate(samples)
                    .evaluate(samples, Metric.cosine())
                    .apply(Quantize.int8()
                            .weightBits(4)
                            .rounding(new GptqRounding())
                            .smooth()
                            .correctBias())
                    .run(Progress.ignored());
            System.out.println(
                    DONE + " " + result.report().score().orElseThrow().samples());
        }
    }

    private static Model model() {
        SplittableRandom random = new SplittableRandom(3);
        GraphBuilder graph = new GraphBuilder("wide");
        Value x = graph.input("x", ValueType.parse("f32[rows," + WIDTH + "]"));
        Value h = graph.add(new Relu(), graph.add(new MatMul(), x, graph.constant("w", random(random, WIDTH, HIDDEN))));
        graph.output("y", graph.add(new MatMul(), h, graph.constant("v", random(random, HIDDEN, HIDDEN))));
        return Model.of(graph.build());
    }

    private static Tensor random(SplittableRandom random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, rows, columns);
    }

    private Path samples(int count) {
        Path file = folder.resolve("x" + count + ".npy");
        Npy.write(file, random(new SplittableRandom(5), count, WIDTH));
        return file;
    }

    /** Whether the samples can be compressed within some memory, of the heap and beside it. */
    private boolean fits(Path file, int count, int kib) throws IOException, InterruptedException {
        ChildJvm.Result result = ChildJvm.run(
                folder,
                List.of(
                        "--add-modules=jdk.incubator.vector",
                        "-XX:+UseSerialGC",
                        "-Xmx" + kib + "k",
                        "-XX:MaxDirectMemorySize=" + kib + "k"),
                Program.class,
                file.toString());
        boolean isDone = result.output().contains(DONE + " " + count);
        assertThat(isDone || result.output().contains("emory"))
                .as(result.output())
                .isTrue();
        return isDone;
    }

    @Test
    void manySamplesNeedNoMoreThanFew() throws IOException, InterruptedException {
        Path few = samples(FEW);
        int missed = LEAST_MIB;
        int enough = MOST_MIB;
        while (enough - missed > 1) {
            int middle = (enough + missed) / 2;
            if (fits(few, FEW, middle * KIB_A_MIB)) {
                enough = middle;
            } else {
                missed = middle;
            }
        }
        assertThat(enough).as("MiB that %d samples need", FEW).isLessThan(MOST_MIB);
        int kib = (int) (enough * KIB_A_MIB * MOST);
        assertThat(fits(samples(MANY), MANY, kib))
                .as("%d samples within %d KiB, of which %d need %d MiB", MANY, kib, FEW, enough)
                .isTrue();
    }
}
