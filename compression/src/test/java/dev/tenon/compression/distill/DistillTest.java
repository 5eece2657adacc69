package dev.tenon.compression.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.CompressionReport.Training;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Samples;
import dev.tenon.compression.SavedModel;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.quantize.weights.QuantizeWeights;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.TenonException;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.math.Neg;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Shape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.vision.Resize;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistillTest {
    private static final int SAMPLES = 600;

    @TempDir
    private Path folder;

    private static Compressor compressor() {
        return compressor(SAMPLES);
    }

    private static Compressor compressor(int samples) {
        return Compressor.of(SmallNetworks.network(24, 1)).calibrate(SmallNetworks.samples(samples));
    }

    private static Distill distill() {
        return Distill.into(SmallNetworks.network(12, 2))
                .learningRate(0.01)
                .batch(32)
                .epochs(6);
    }

    private static Training training(Compression result) {
        return result.report().details().evidence().trainings().getFirst();
    }

    private static double best(Training training) {
        return training.epochs().get(training.best()).judged();
    }

    @Test
    void aStudentLearnsTheClassesOfItsTeacher() {
        int samples = 1280;
        Compression result = compressor(samples)
                .evaluate(SmallNetworks.samples(SAMPLES), Metric.cosine())
                .keepAccuracyWithin(1)
                .apply(distill().loss(Loss.kl(4)).batch(64).learningRate(0.03).epochs(20))
                .run();
        Training training = training(result);
        assertThat(training.epochs()).hasSize(21);
        assertThat(best(training))
                .isLessThan(0.05 * training.epochs().getFirst().judged());
        assertThat(training.agreement().kind()).isEqualTo("classes");
        assertThat(training.agreement().samples()).isEqualTo(samples / 10 - samples / 10 % 64);
        assertThat(training.agreement().before()).isLessThan(0.5);
        assertThat(training.agreement().after()).isGreaterThan(0.9);
        assertThat(training.trained()).containsExactlyInAnyOrder("first/w", "first/b", "last/w", "last/b");
        assertThat(result.report().recipe()).isEqualTo("distill");
        assertThat(result.report().parameters().after())
                .isLessThan(result.report().parameters().before());
    }

    @Test
    void eachLossFalls() {
        List<Loss> losses =
                List.of(Loss.meanSquaredError(), Loss.cosine(), Loss.kl(1).plus(0.5, Loss.meanSquaredError()));
        for (Loss loss : losses) {
            Training training =
                    training(compressor().apply(distill().loss(loss)).run());
            assertThat(best(training))
                    .as(loss + "")
                    .isLessThan(0.5 * training.epochs().getFirst().judged());
        }
        Training byMomentum = training(
                compressor().apply(distill().momentum().learningRate(0.05)).run());
        assertThat(best(byMomentum))
                .isLessThan(0.5 * byMomentum.epochs().getFirst().judged());
    }

    @Test
    void aMeanOfWeightsIsTheResult() {
        Training plain =
                training(compressor().apply(distill().learningRate(0.03)).run());
        Compression averaged =
                compressor().apply(distill().learningRate(0.03).average(0.95)).run();
        Training training = training(averaged);
        assertThat(best(training)).isLessThan(0.5 * training.epochs().getFirst().judged());
        assertThat(training.epochs().getFirst()).isEqualTo(plain.epochs().getFirst());
        assertThat(training.epochs().get(1).judged())
                .isNotEqualTo(plain.epochs().get(1).judged());
        refused(() -> distill().average(1), "TrainedStep.average", "1.0");
    }

    /** Names of the student that differ, and vectors of 24 numbers beside those of 12. */
    @Test
    void hiddenValuesAreComparedThroughAMatrixAndNamesAreMapped() {
        Model student = Model.of(SmallNetworks.graph("image", "classes", 12, 2));
        Distill distill = Distill.into(student)
                .learningRate(0.01)
                .batch(32)
                .epochs(6)
                .loss(Loss.meanSquaredError().plus(0.3, Loss.hidden("first/y")))
                .map("x", "image")
                .map("y", "classes");
        Compression result = compressor().apply(distill).run();
        Training training = training(result);
        assertThat(best(training)).isLessThan(0.5 * training.epochs().getFirst().judged());
        assertThat(training.trained()).anyMatch(name -> name.contains("projection"));
        assertThat(result.model().graph().constants())
                .hasSameSizeAs(student.graph().constants());
        assertThat(result.model().inputs())
                .isEqualTo(SmallNetworks.network(12, 1).inputs());
        assertThat(result.model().outputs()).isEqualTo(student.outputs());
        refused(
                () -> compressor().apply(distill.loss(Loss.hidden("last/z"))).run(),
                "value 'last/z' of the teacher",
                "none of this name");
        refused(
                () -> compressor().apply(distill.map("first/y", "second/y")).run(),
                "value 'second/y' of the network to train",
                "Distill.map");
    }

    /** Samples of three places, whose relations are compared: widths differ, heads divide both. */
    @Test
    void relationsBetweenPlacesAreLearned() {
        Model teacher = places(16, 1);
        List<Samples.Call> calls = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < 30; i++) {
            calls.add(new Samples.Call(Map.of("x", SmallNetworks.random(random, 1, 10, 3, SmallNetworks.INPUTS)), 10));
        }
        Compressor compressor = Compressor.of(teacher).calibrate(SmallNetworks.of(calls));
        Distill distill = Distill.into(places(8, 2))
                .learningRate(0.01)
                .batch(32)
                .epochs(8)
                .loss(Loss.relations("first/y", 4));
        Training training = training(compressor.apply(distill).run());
        assertThat(best(training))
                .isLessThan(0.6 * training.epochs().getFirst().judged())
                .isPositive();
        refused(
                () -> compressor
                        .apply(distill.loss(Loss.relations("first/y", 3)))
                        .run(),
                "value for 'first/y'",
                "3 heads");
        refused(() -> Loss.relations("first/y", 0), "Loss.relations");
    }

    private static Model places(int hidden, long seed) {
        Random random = new Random(seed);
        GraphBuilder b = new GraphBuilder("places" + hidden);
        Value x = b.input("x", ValueType.parse("f32[rows,places," + SmallNetworks.INPUTS + "]"));
        Value h = SmallNetworks.layer(b, random, x, "first", SmallNetworks.INPUTS, hidden);
        return Model.of(b.output("y", SmallNetworks.layer(b, random, h, "last", hidden, SmallNetworks.CLASSES))
                .build());
    }

    @Test
    void labelsAreLearnedWithoutATeacher() {
        Model teacher = SmallNetworks.network(24, 1);
        List<Long> labels = new ArrayList<>();
        SmallNetworks.samples(SAMPLES).bind(teacher.inputs()).forEach(call -> {
            float[] y = teacher.predict(call.inputs()).tensor().toFloatArray();
            for (int at = 0; at < y.length; at += SmallNetworks.CLASSES) {
                int most = at;
                for (int i = at; i < at + SmallNetworks.CLASSES; i++) {
                    most = y[i] > y[most] ? i : most;
                }
                labels.add((long) most - at);
            }
        });
        Tensor classes = Tensor.of(labels.stream().mapToLong(Long::longValue).toArray());
        Training training = training(compressor()
                .apply(distill().labels(classes).loss(Loss.labels()).epochs(30))
                .run());
        assertThat(training.agreement().after()).isGreaterThan(0.7);
        Tensor none = Tensor.of(new long[SAMPLES - 1]);
        assertThatThrownBy(() -> compressor()
                        .apply(distill().labels(none).loss(Loss.labels()))
                        .run())
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("labels to train on: 599 for 600 samples");
        long[] wrong = new long[SAMPLES];
        Arrays.fill(wrong, 4);
        assertThatThrownBy(() -> compressor()
                        .apply(distill().labels(Tensor.of(wrong)).loss(Loss.labels()))
                        .run())
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("class 4; allowed classes from 0 to 3");
        assertThatThrownBy(
                        () -> compressor().apply(distill().loss(Loss.labels())).run())
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("without labels");
    }

    @Test
    @Tag("tiers")
    void theNumberOfThreadsChangesNoByte() {
        List<byte[]> results = Stream.of(1, 2, 5)
                .map(n -> SavedModel.bytes(
                        compressor().apply(distill().threads(n)).run().model()))
                .toList();
        assertThat(results.get(1)).isEqualTo(results.get(0));
        assertThat(results.get(2)).isEqualTo(results.get(0));
        byte[] other =
                SavedModel.bytes(compressor().apply(distill().seed(1)).run().model());
        assertThat(other).as("another seed").isNotEqualTo(results.get(0));
    }

    @Test
    @Tag("tiers")
    void aKilledRunGoesOnToTheBytesOfOneThatWasNot() throws IOException {
        byte[] whole = SavedModel.bytes(compressor().apply(distill()).run().model());
        Compressor kept = compressor().apply(distill()).checkpoints(folder);
        for (double end : new double[] {0.05, 0.3, 0.55, 0.8}) {
            Progress killing = (task, share, remaining) -> {
                if (share > end) {
                    throw new CancellationException();
                }
            };
            assertThatThrownBy(() -> kept.run(killing)).isInstanceOf(CancellationException.class);
        }
        List<Double> shares = new ArrayList<>();
        Compression result = kept.run((task, share, remaining) -> {
            if (task.startsWith("distill, epoch")) {
                shares.add(share);
            }
        });
        assertThat(shares.getFirst()).as("the first epochs are not done again").isGreaterThan(0.6);
        assertThat(SavedModel.bytes(result.model())).isEqualTo(whole);
        List<String> tasks = new ArrayList<>();
        Compression again = kept.run((task, share, remaining) -> tasks.add(task));
        assertThat(SavedModel.bytes(again.model()))
                .as("a run that goes on from its end")
                .isEqualTo(whole);
        assertThat(tasks).as("it asks no teacher").noneMatch(task -> task.startsWith("teacher"));
    }

    /** A checkpoint is written within an epoch, too. */
    @Test
    @Tag("tiers")
    void aRunThatIsKilledInAnEpochGoesOnInIt() {
        Compressor one = compressor().apply(distill().batch(1).epochs(1));
        byte[] whole = SavedModel.bytes(one.run().model());
        Compressor kept = one.checkpoints(folder);
        assertThatThrownBy(() -> kept.run((task, share, remaining) -> {
                    if (share > 0.7) {
                        throw new CancellationException();
                    }
                }))
                .isInstanceOf(CancellationException.class);
        List<Double> shares = new ArrayList<>();
        Compression result = kept.run((task, share, remaining) -> {
            if (task.startsWith("distill, epoch")) {
                shares.add(share);
            }
        });
        assertThat(shares.getFirst()).isBetween(0.4, 0.7);
        assertThat(SavedModel.bytes(result.model())).isEqualTo(whole);
    }

    private Path checkpoint() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList().getFirst();
        }
    }

    @Test
    void aCheckpointOfAnotherRunOrADamagedOneIsRefusedAndStays() throws IOException {
        Compressor kept = compressor().apply(distill().epochs(1)).checkpoints(folder);
        kept.run();
        Path file = checkpoint();
        byte[] good = Files.readAllBytes(file);
        byte[] changed = good.clone();
        changed[good.length / 2] ^= 1;
        byte[] cut = Arrays.copyOf(good, good.length - 7);
        byte[] longer = Arrays.copyOf(good, good.length + 1);
        for (byte[] bad : List.of(changed, cut, longer, new byte[0], "a text".getBytes(StandardCharsets.UTF_8))) {
            Files.write(file, bad);
            assertThatThrownBy(kept::run)
                    .isInstanceOf(CompressionException.class)
                    .hasMessageContaining(file.toString());
            assertThat(Files.readAllBytes(file)).isEqualTo(bad);
        }
        Files.delete(file);
        Compressor other = compressor().apply(distill().epochs(1).seed(9)).checkpoints(folder);
        other.run();
        Path ofOther = checkpoint();
        Files.move(ofOther, file);
        assertThatThrownBy(kept::run)
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("fingerprint")
                .hasMessageContaining(ofOther.getFileName().toString().substring(9, 25))
                .hasMessageContaining(file.getFileName().toString().substring(9, 25));
    }

    @Test
    void patienceEndsTheTraining() {
        Training training =
                training(compressor().apply(distill().epochs(200).patience(2)).run());
        assertThat(training.epochs().size()).isLessThan(201).isEqualTo(training.best() + 3);
    }

    @Test
    void severalTeachersAreAveraged() {
        Model one = SmallNetworks.network(24, 1);
        GraphEditor editor = new GraphEditor(one.graph());
        editor.insertAfter(one.graph().outputs().getFirst(), new Neg());
        Training training = training(compressor()
                .apply(distill().from(one, Model.of(editor.build())).epochs(12))
                .run());
        Training ofOne = training(compressor().apply(distill().epochs(12)).run());
        assertThat(training.epochs().getFirst().judged())
                .isNotEqualTo(ofOne.epochs().getFirst().judged());
        Map<String, Tensor> ones = Map.of("x", Tensor.of(new float[] {1, 1, 1, 1, 1, 1}, 1, 6));
        float[] y = compressor()
                .apply(distill().from(one, Model.of(editor.build())).epochs(12))
                .run()
                .model()
                .predict(ones)
                .tensor()
                .toFloatArray();
        for (float value : y) {
            assertThat(value).as("the mean of opposite outputs is 0").isBetween(-0.2f, 0.2f);
        }
        assertThat(one.predict(ones).tensor().toDoubleArray())
                .as("the outputs of one")
                .satisfies(values -> assertThat(
                                Arrays.stream(values).map(Math::abs).max().orElse(0))
                        .isGreaterThan(0.7));
    }

    private static Model withSoftmax(Model network) {
        GraphEditor editor = new GraphEditor(network.graph());
        editor.insertAfter(network.graph().outputs().getFirst(), new Softmax(-1));
        return Model.of(editor.build());
    }

    @Test
    void probabilitiesBecomeLogits() {
        Training plain = training(compressor().apply(distill().loss(Loss.kl(2))).run());
        Training ofProbabilities = training(Compressor.of(withSoftmax(SmallNetworks.network(24, 1)))
                .calibrate(SmallNetworks.samples(SAMPLES))
                .apply(Distill.into(withSoftmax(SmallNetworks.network(12, 2)))
                        .learningRate(0.01)
                        .batch(32)
                        .epochs(6)
                        .loss(Loss.kl(2)))
                .run());
        for (int i = 0; i < plain.epochs().size(); i++) {
            assertThat(ofProbabilities.epochs().get(i).judged())
                    .isCloseTo(plain.epochs().get(i).judged(), withinPercentage(1));
        }
    }

    @Test
    void trainingRunsOnceWhenLaterStepsLeaveLayers() {
        List<String> tasks = new ArrayList<>();
        Compression result = compressor()
                .evaluate(SmallNetworks.samples(SAMPLES), Metric.meanSquaredError())
                .keepAccuracyWithin(1e-9)
                .apply(distill().epochs(1), QuantizeWeights.int8())
                .run((task, share, remaining) -> tasks.add(task));
        assertThat(result.report().isFloorMet()).isFalse();
        assertThat(tasks).as("trials").anyMatch(task -> task.startsWith("sensitivity: "));
        assertThat(tasks.stream().filter(task -> task.startsWith("distill, epoch")))
                .hasSize((SAMPLES - 32) / 32);
        assertThat(result.report().details().evidence().trainings()).hasSize(1);
    }

    @Test
    void aStepRunsByItselfWithATeacher() {
        Model teacher = SmallNetworks.network(24, 1);
        Samples.Calls calls = SmallNetworks.samples(SAMPLES).bind(teacher.inputs());
        StepContext context = StepContext.of(calls, 0);
        Model alone = distill().from(teacher).apply(teacher, context);
        assertThat(context.trainings()).hasSize(1);
        assertThat(SavedModel.bytes(alone))
                .isEqualTo(SavedModel.bytes(compressor().apply(distill()).run().model()));
        assertThatThrownBy(() -> distill().apply(teacher, StepContext.of(calls, 0)))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("no teacher");
        assertThatThrownBy(() -> distill().from(teacher).apply(teacher, StepContext.of(null, 0)))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("no samples");
    }

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(TenonException.class).message().contains(parts);
    }

    @Test
    void dataThatDoesNotFitIsRefused() {
        Compressor few = Compressor.of(SmallNetworks.network(24, 1)).calibrate(SmallNetworks.samples(30));
        refused(
                () -> few.apply(distill()).run(),
                "samples to train on: 27 of one shape, beside those that judge; there are 30 in all",
                "at least 32",
                "smaller batch");
        float[] x = new float[SAMPLES * SmallNetworks.INPUTS];
        x[100 * SmallNetworks.INPUTS + 3] = Float.NaN;
        Samples bad = SmallNetworks.of(List.of(
                new Samples.Call(Map.of("x", Tensor.of(x, SAMPLES, SmallNetworks.INPUTS)), SAMPLES)));
        refused(
                () -> Compressor.of(SmallNetworks.network(24, 1))
                        .calibrate(bad)
                        .apply(distill())
                        .run(),
                "sample 100: input 'x' of NaN");
        Samples whole = SmallNetworks.of(List.of(
                new Samples.Call(Map.of("x", Tensor.of(new float[18], 3, SmallNetworks.INPUTS)), 1)));
        refused(
                () -> Compressor.of(SmallNetworks.network(24, 1))
                        .calibrate(whole)
                        .apply(distill())
                        .run(),
                "a row for each sample");
    }

    @Test
    void networksThatDoNotFitAreRefused() {
        Model otherInput = Model.of(SmallNetworks.graph("z", "y", 12, 2));
        refused(() -> compressor().apply(Distill.into(otherInput)).run(), "input 'z': none; allowed", "x");
        Model otherOutput = Model.of(SmallNetworks.graph("x", "out", 12, 2));
        assertThat(training(compressor()
                                .apply(Distill.into(otherOutput).epochs(1))
                                .run())
                        .epochs())
                .as("a single output needs no name")
                .hasSize(2);
        GraphEditor editor = new GraphEditor(otherOutput.graph());
        editor.addOutput("more", editor.index().graph().nodes().getFirst().output());
        Model two = Model.of(editor.build());
        refused(
                () -> compressor().apply(Distill.into(two)).run(),
                "outputs of student 'network12'",
                "out",
                "more",
                "output 'y'");
        GraphBuilder wide = new GraphBuilder("wide");
        Value in = wide.input("x", ValueType.parse("f32[rows,6]"));
        Model ofSix = Model.of(wide.output("y", SmallNetworks.layer(wide, new Random(1), in, "l", 6, 6))
                .build());
        refused(
                () -> compressor().apply(Distill.into(ofSix)).run(),
                "output of the network to train: shape [60, 6] for 60 samples",
                "shape [60, 4], as the teacher has");
        GraphBuilder bare = new GraphBuilder("bare");
        Value same = bare.input("x", ValueType.parse("f32[rows,6]"));
        Model untrainable = Model.of(bare.output("y", bare.add(new Neg(), same)).build());
        refused(() -> compressor().apply(Distill.into(untrainable)).run(), "nothing that can be trained");
        refused(() -> compressor().apply(distill().output("z")).run(), "no such output 'z'", "y");
    }

    @Test
    void optionsAreChecked() {
        List<ThrowingCallable> wrong = List.of(
                () -> distill().epochs(0),
                () -> distill().patience(-1),
                () -> distill().batch(0),
                () -> distill().learningRate(0),
                () -> distill().learningRate(Double.NaN),
                () -> distill().weightDecay(-1),
                () -> distill().clip(0),
                () -> distill().threads(-1),
                () -> Heal.epochs(0),
                () -> Loss.kl(0),
                () -> Loss.kl(1).plus(-1, Loss.cosine()));
        for (ThrowingCallable call : wrong) {
            assertThatThrownBy(call).isInstanceOf(InvalidOptionException.class);
        }
        assertThatThrownBy(() -> distill().epochs(0)).hasMessageContaining("Distill.epochs");
        assertThatThrownBy(() -> Heal.epochs(0)).hasMessageContaining("Heal.epochs");
    }

    @Test
    void aLossThatGrowsHalvesTheRateOnceAndTheBestIsKept() {
        Training training = training(compressor()
                .apply(distill()
                        .momentum()
                        .clip(Double.POSITIVE_INFINITY)
                        .learningRate(10)
                        .epochs(9))
                .run());
        assertThat(training.notes())
                .containsExactly("the loss had grown, and the rate was halved from the best weights so far");
        assertThat(training.epochs()).as("training ends at the second time").hasSizeLessThan(10);
        assertThat(best(training))
                .isEqualTo(training.epochs().stream()
                        .mapToDouble(Training.Epoch::judged)
                        .filter(loss -> !Double.isNaN(loss))
                        .min()
                        .orElseThrow());
    }

    @Test
    void anEpochHasTheRateOfItsLastStepAndNoMeanOfLossesThatAreNoNumbers() {
        Training training = training(compressor().apply(distill().epochs(2)).run());
        assertThat(training.epochs().getLast().rate()).isPositive();
        assertThat(training.epochs())
                .element(1)
                .satisfies(e -> assertThat(e.rate())
                        .isGreaterThan(training.epochs().getLast().rate()));
        Training broken = training(compressor()
                .apply(distill()
                        .momentum()
                        .clip(Double.POSITIVE_INFINITY)
                        .learningRate(1e30)
                        .epochs(3))
                .run());
        assertThat(broken.epochs().getLast().training()).isNaN();
        assertThat(broken.epochs().getLast().judged()).isNaN();
    }

    @Test
    void theTextTellsStudentTeachersAndLabels() {
        Distill step = distill();
        assertThat(distill()).hasToString(step.toString());
        Model other = SmallNetworks.network(12, 3);
        assertThat(Stream.of(
                        step,
                        Distill.into(other).learningRate(0.01).batch(32).epochs(6),
                        step.from(other),
                        step.labels(Tensor.of(new long[3])),
                        step.labels(Tensor.of(new long[4])),
                        step.learningRate(0.02)))
                .extracting(Distill::toString)
                .doesNotHaveDuplicates();
    }

    /** As PyTorch exports interpolate: the size is computed of the shape. */
    @Test
    void sizesThatFollowFromShapesAreConstants() {
        Random random = new Random(5);
        GraphBuilder b = new GraphBuilder("resized");
        Value h = SmallNetworks.layer(b, random, b.input("x", ValueType.parse("f32[rows,6]")), "first", 6, 6);
        Value image = b.add(new Reshape(false), h, b.constant(Tensor.of(new long[] {0, 1, 2, 3})));
        Value first = b.add(
                new Slice(),
                b.add(Shape.of(Attributes.none()), image),
                b.constant(Tensor.of(new long[] {0})),
                b.constant(Tensor.of(new long[] {2})));
        Value sizes = b.add(new Concat(0), first, b.constant(Tensor.of(new long[] {4, 6})));
        Value resized = b.add(Resize.of(Attributes.none().with("mode", "linear")), image, null, null, sizes);
        Value flat = b.add(new Reshape(false), resized, b.constant(Tensor.of(new long[] {0, 24})));
        Model student = Model.of(b.output("y", SmallNetworks.layer(b, random, flat, "last", 24, 4))
                .build());
        Training training = training(compressor()
                .apply(Distill.into(student).learningRate(0.01).batch(32).epochs(3))
                .run());
        assertThat(best(training)).isLessThan(0.9 * training.epochs().getFirst().judged());
    }
}
