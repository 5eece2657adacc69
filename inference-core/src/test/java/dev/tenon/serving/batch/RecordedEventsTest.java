package dev.tenon.serving.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.SessionOptions;
import dev.tenon.fixtures.OneCallProgram;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.OverloadedException;
import dev.tenon.serving.drift.DriftMonitor;
import dev.tenon.serving.versions.Models;
import dev.tenon.serving.versions.Trial;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The events that the JDK Flight Recorder gets. Whoever starts the recorder changes the JVM for good. */
@Tag("fresh")
class RecordedEventsTest {
    private static final Set<String> NAMES = Set.of(
            "dev.tenon.Load",
            "dev.tenon.Plan",
            "dev.tenon.Batch",
            "dev.tenon.Predict",
            "dev.tenon.Reject",
            "dev.tenon.Swap",
            "dev.tenon.Drift");

    @TempDir
    private Path folder;

    private static void work() throws Exception {
        Model model = SmallModels.perceptron();
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(1, 16));
        Models models = Models.create(
                SessionOptions.standard().threads(1), BatchOptions.standard().maxRows(1));
        models.load("recorded", "1", model, Trial.none());
        models.promote("recorded", "1");
        models.predict("recorded", inputs, Call.standard().lane("lane"));
        FakeEngine engine = new FakeEngine();
        engine.hold();
        Batcher batcher = engine.batcher(BatchOptions.standard().queueRows(1));
        Calls.Going first = Calls.start(batcher, FakeEngine.input(1), Call.standard());
        FakeEngine.Run running = engine.next();
        Calls.Going second = Calls.startWaiting(batcher, FakeEngine.input(2), Call.standard());
        assertThatThrownBy(() -> batcher.predict(FakeEngine.input(3))).isInstanceOf(OverloadedException.class);
        engine.holdNoMore();
        running.letGo();
        first.y();
        second.y();
        DriftMonitor monitor = DriftMonitor.reference(List.of(Map.of("x", SmallModels.random(1000, 1))))
                .window(100)
                .start();
        monitor.accept(Map.of("x", Tensor.of(new float[100], 100, 1)));
    }

    private static RecordedEvent first(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(e -> e.getEventType().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everythingIsRecorded() throws Exception {
        Path file = folder.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            work();
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(e -> e.getEventType().getName().startsWith("dev.tenon."))
                .toList();
        assertThat(events.stream().map(e -> e.getEventType().getName()).collect(Collectors.toSet()))
                .isEqualTo(NAMES);
        RecordedEvent predict = first(events, "dev.tenon.Predict");
        assertThat(predict.getString("batcher")).isEqualTo("recorded:1");
        assertThat(predict.getString("lane")).isEqualTo("lane");
        assertThat(predict.getString("outcome")).isEqualTo("DONE");
        assertThat(predict.getDuration("runNanos")).isPositive();
        assertThat(first(events, "dev.tenon.Plan").getString("graph")).isEqualTo("perceptron");
        assertThat(first(events, "dev.tenon.Reject").getString("reason")).isEqualTo("1 rows wait");
        assertThat(first(events, "dev.tenon.Swap").getString("to")).isEqualTo("1");
        assertThat(first(events, "dev.tenon.Drift").getString("value")).isEqualTo("x");
    }

    /** To load a class of an event takes as long as starting the recorder does. */
    @Test
    void noClassOfAnEventIsLoadedWithoutARecording() throws Exception {
        ChildJvm.Result child = ChildJvm.run(folder, List.of("-Xlog:class+load"), OneCallProgram.class);
        assertThat(child.status()).as(child.output()).isZero();
        assertThat(child.output()).contains("dev.tenon.event.Recorder").doesNotContain("dev.tenon.event.PlanEvent");
        ChildJvm.Result recording = ChildJvm.run(
                folder, List.of("-Xlog:class+load", "-XX:StartFlightRecording=filename=x.jfr"), OneCallProgram.class);
        assertThat(recording.output()).contains("dev.tenon.event.PlanEvent");
    }
}
