package dev.tenon.compression;

import dev.tenon.compression.metric.Changes;
import dev.tenon.formats.json.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/** A report as JSON. Its form is that of {@code docs/compression-report.schema.json}. */
final class ReportJson {
    private static final String SCHEMA = "tenon-compression-report";

    private ReportJson() {}

    static String of(CompressionReport report) {
        CompressionReport.Details details = report.details();
        CompressionReport.Evidence evidence = details.evidence();
        double floor = details.options().allowedLoss();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("schema", SCHEMA);
        all.put("version", CompressionReport.JSON_VERSION);
        all.put("model", report.model());
        all.put("recipe", report.recipe());
        all.put("options", options(report));
        all.put("sha256", hashes(evidence));
        all.put("machine", machine(details.machine()));
        all.put("size_bytes", change(report.sizeBytes()));
        all.put("parameters", change(report.parameters()));
        all.put("flops", orNull(report.flops(), ReportJson::change));
        all.put("metric", orNull(report.score(), score -> score.toJsonMembers(floor)));
        all.put("test", orNull(evidence.test(), test -> test.score().toJsonMembers(floor)));
        all.put("floor_met", report.isFloorMet());
        all.put("changes", orNull(evidence.changes(), ReportJson::changes));
        all.put("latency_ms", orNull(report.latency(), ReportJson::latency));
        all.put("stages", list(details.stages(), ReportJson::stage));
        all.put("trials", list(details.trials(), trial -> trial(trial, floor)));
        all.put("layers", list(report.layers(), ReportJson::layer));
        all.put("trainings", list(evidence.trainings(), ReportJson::training));
        return JsonText.of(all);
    }

    private static <T> Object orNull(Optional<T> value, Function<T, Object> form) {
        return value.map(form).orElse(null);
    }

    private static Double orNull(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }

    private static <T> List<Object> list(List<T> values, Function<T, Object> form) {
        List<Object> all = new ArrayList<>();
        values.forEach(value -> all.add(form.apply(value)));
        return all;
    }

    private static Map<String, Object> options(CompressionReport report) {
        CompressionReport.Options options = report.details().options();
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("floor", options.allowedLoss());
        members.put("confidence", options.confidence().level());
        members.put("confidence_demanded", options.confidence().isDemanded());
        members.put("objective", options.objective().isEmpty() ? null : options.objective());
        members.put("threads", options.threads());
        members.put("seed", report.seed());
        return members;
    }

    private static Map<String, Object> hashes(CompressionReport.Evidence evidence) {
        CompressionReport.Hashes hashes = evidence.hashes();
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("model", hashes.model());
        members.put("result", hashes.result());
        members.put("recipe", hashes.recipe());
        members.put("calibration", hashes.calibration().orElse(null));
        members.put("evaluation", hashes.evaluation().orElse(null));
        members.put("test", orNull(evidence.test(), CompressionReport.Tested::hash));
        return members;
    }

    private static Map<String, Object> machine(Machine machine) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("cpu", machine.cpu());
        members.put("processors", machine.processors());
        members.put("java", machine.java());
        members.put("tenon", machine.tenon());
        members.put("tiers", machine.tiers());
        return members;
    }

    private static Map<String, Object> training(CompressionReport.Training training) {
        List<Object> losses = new ArrayList<>();
        for (CompressionReport.Training.Epoch epoch : training.epochs()) {
            Map<String, Object> loss = new LinkedHashMap<>();
            loss.put("training", epoch.training());
            loss.put("judged", epoch.judged());
            loss.put("rate", epoch.rate());
            losses.add(loss);
        }
        CompressionReport.Training.Agreement of = training.agreement();
        Map<String, Object> agreement = new LinkedHashMap<>();
        agreement.put("kind", of.kind());
        agreement.put("before", of.before());
        agreement.put("after", of.after());
        agreement.put("samples", of.samples());
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("step", training.step());
        members.put("losses", losses);
        members.put("best", training.best());
        members.put("agreement", agreement);
        members.put("trained", training.trained());
        members.put("frozen", training.frozen());
        members.put("notes", training.notes());
        members.put("seconds", training.seconds());
        return members;
    }

    private static Map<String, Object> change(CompressionReport.Change change) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("before", change.before());
        members.put("after", change.after());
        return members;
    }

    private static Map<String, Object> changes(Changes changes) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("worst", list(changes.worst(), ReportJson::sample));
        members.put("classes", list(changes.classes(), ReportJson::ofClass));
        return members;
    }

    private static Map<String, Object> sample(Changes.Sample sample) {
        boolean isClass = sample.label() >= 0;
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("index", sample.index());
        members.put("label", isClass ? sample.label() : null);
        members.put("before", isClass ? sample.before() : null);
        members.put("after", isClass ? sample.after() : null);
        members.put("kl", sample.divergence());
        members.put("noise", sample.noise());
        return members;
    }

    private static Map<String, Object> ofClass(Changes.OfClass one) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("label", one.label());
        members.put("samples", one.samples());
        members.put("right_before", one.before());
        members.put("right_after", one.after());
        members.put("lost", one.lost());
        members.put("won", one.won());
        return members;
    }

    private static Map<String, Object> latency(CompressionReport.Latency latency) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("before", spread(latency.before()));
        members.put("after", spread(latency.after()));
        members.put("threads", latency.threads());
        members.put("warm", latency.isWarm());
        members.put("load", orNull(latency.load()));
        return members;
    }

    private static Map<String, Object> spread(CompressionReport.Spread spread) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("median", spread.medianMillis());
        members.put("low", spread.lowMillis());
        members.put("high", spread.highMillis());
        return members;
    }

    private static Map<String, Object> stage(CompressionReport.Stage stage) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("step", stage.step());
        members.put("loss", stage.loss());
        members.put("size_bytes", stage.sizeBytes());
        return members;
    }

    private static Map<String, Object> trial(Trial trial, double floor) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", trial.name());
        members.put("options", trial.options());
        members.put("size_bytes", trial.sizeBytes());
        members.put("metric", orNull(trial.score(), score -> score.toJsonMembers(floor)));
        members.put("latency_ms", orNull(trial.latencyMillis()));
        members.put("seconds", orNull(trial.seconds()));
        members.put("failure", trial.failure().isEmpty() ? null : trial.failure());
        members.put("chosen", trial.isChosen());
        return members;
    }

    private static Map<String, Object> layer(LayerReport layer) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", layer.name());
        members.put("technique", layer.technique());
        members.put("bits", layer.bits());
        members.put("sparsity", layer.sparsity());
        members.put("sqnr_db", orNull(layer.sqnr()));
        members.put("kept", layer.kept());
        members.put("reason", layer.reason());
        return members;
    }
}
