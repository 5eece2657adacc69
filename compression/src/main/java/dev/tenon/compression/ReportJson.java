package dev.tenon.compression;

import dev.tenon.formats.json.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A report as JSON. */
final class ReportJson {
    private ReportJson() {}

    static String of(CompressionReport report) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("model", report.model());
        all.put("recipe", report.recipe());
        all.put("size_bytes", change(report.sizeBytes()));
        all.put("parameters", change(report.parameters()));
        all.put("flops", report.flops().map(ReportJson::change).orElse(null));
        all.put("metric", report.score().map(Score::toJsonMembers).orElse(null));
        CompressionReport.Evidence evidence = report.details().evidence();
        all.put(
                "test",
                evidence.test().map(test -> test.score().toJsonMembers()).orElse(null));
        all.put("floor_met", report.isFloorMet());
        all.put("seed", report.seed());
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("calibration", evidence.calibrationHash().orElse(null));
        data.put("evaluation", evidence.evaluationHash().orElse(null));
        data.put("test", evidence.test().map(CompressionReport.Tested::hash).orElse(null));
        all.put("data_sha256", data);
        all.put("latency_ms", report.latency().map(ReportJson::latency).orElse(null));
        List<Object> layers = new ArrayList<>();
        report.layers().forEach(layer -> layers.add(layer(layer)));
        all.put("layers", layers);
        List<Object> trainings = new ArrayList<>();
        evidence.trainings().forEach(training -> trainings.add(training(training)));
        all.put("trainings", trainings);
        return JsonText.of(all);
    }

    private static Map<String, Object> training(CompressionReport.Training training) {
        List<Object> losses = new ArrayList<>();
        for (CompressionReport.Training.Epoch epoch : training.epochs()) {
            Map<String, Object> loss = new LinkedHashMap<>();
            loss.put("training", finite(epoch.training()));
            loss.put("judged", finite(epoch.judged()));
            loss.put("rate", epoch.rate());
            losses.add(loss);
        }
        CompressionReport.Training.Agreement of = training.agreement();
        Map<String, Object> agreement = new LinkedHashMap<>();
        agreement.put("kind", of.kind());
        agreement.put("before", finite(of.before()));
        agreement.put("after", finite(of.after()));
        agreement.put("samples", of.samples());
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("step", training.step());
        members.put("losses", losses);
        members.put("best", (long) training.best());
        members.put("agreement", agreement);
        members.put("trained", List.copyOf(training.trained()));
        members.put("frozen", training.frozen());
        members.put("notes", List.copyOf(training.notes()));
        members.put("seconds", training.seconds());
        return members;
    }

    /** A number, or null if JSON has none. */
    private static Double finite(double number) {
        return Double.isFinite(number) ? number : null;
    }

    private static Map<String, Object> change(CompressionReport.Change change) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("before", change.before());
        members.put("after", change.after());
        return members;
    }

    private static Map<String, Object> latency(CompressionReport.Latency latency) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("before", latency.beforeMillis());
        members.put("after", latency.afterMillis());
        members.put("threads", latency.threads());
        return members;
    }

    private static Map<String, Object> layer(LayerReport layer) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", layer.name());
        members.put("technique", layer.technique());
        members.put("bits", layer.bits());
        members.put("sparsity", layer.sparsity());
        members.put("sqnr_db", layer.sqnr().isPresent() ? layer.sqnr().getAsDouble() : null);
        members.put("kept", layer.kept());
        members.put("reason", layer.reason());
        return members;
    }
}
