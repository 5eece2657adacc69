package dev.tenon.samples.serve;

import dev.tenon.Model;
import dev.tenon.Tenon;
import dev.tenon.ValueInfo;
import dev.tenon.serving.BatchStatistics;
import dev.tenon.serving.DriftAlarm;
import dev.tenon.serving.UnknownModelException;
import dev.tenon.serving.drift.DriftMonitor;
import dev.tenon.serving.versions.Models;
import dev.tenon.serving.versions.Route;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;

/** Describes the server, its models and what they do, as JSON. */
public final class Descriptions {
    /** The page shows the last alarms alone. */
    private static final int LAST_ALARMS = 5;

    private Descriptions() {}

    /** The metadata of the server. */
    static byte[] server(String version) {
        return Json.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("name", "tenon");
            json.writeStringProperty("version", version);
            json.writeArrayPropertyStart("extensions");
            json.writeString("binary_tensor_data");
            json.writeString("model_repository");
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** The metadata of a model. */
    static byte[] model(String name, List<Models.Status> versions, Model model) {
        return Json.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("name", name);
            json.writeArrayPropertyStart("versions");
            versions.forEach(v -> json.writeString(v.version()));
            json.writeEndArray();
            json.writeStringProperty("platform", platform(model));
            values(json, "inputs", model.inputs());
            values(json, "outputs", model.outputs());
            json.writeEndObject();
        });
    }

    /**
     * What a model was written by, as the protocol names frameworks.
     *
     * @param model the model
     * @return {@code onnx_onnxv1} where no other tool is known
     */
    public static String platform(Model model) {
        return switch (model.metadata().producer()) {
            case "XGBoost" -> "xgboost";
            case "LightGBM" -> "lightgbm";
            case "CatBoost" -> "catboost";
            default -> "onnx_onnxv1";
        };
    }

    private static void values(JsonGenerator json, String name, List<ValueInfo> values) {
        json.writeArrayPropertyStart(name);
        for (ValueInfo value : values) {
            json.writeStartObject();
            json.writeStringProperty("name", value.name());
            if (value.type() instanceof TensorType type && DataType.of(type.dtype()) != null) {
                json.writeStringProperty("datatype", DataType.of(type.dtype()).name());
                shape(json, type.shape());
            } else {
                json.writeStringProperty("datatype", value.type().toString());
                json.writeArrayPropertyStart("shape");
                json.writeEndArray();
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** A shape; sizes that are not fixed are -1. */
    private static void shape(JsonGenerator json, Shape shape) {
        json.writeArrayPropertyStart("shape");
        for (int i = 0; shape.hasRank() && i < shape.rank(); i++) {
            json.writeNumber(shape.dim(i).orElse(-1));
        }
        json.writeEndArray();
    }

    /** The list of versions that the repository extension asks for. */
    static byte[] index(List<ServedModels.IndexEntry> entries) {
        return Json.write(json -> {
            json.writeStartArray();
            entries.forEach(entry -> entry(json, entry));
            json.writeEndArray();
        });
    }

    /** A version, as the list has it. */
    static byte[] version(ServedModels.IndexEntry entry) {
        return Json.write(json -> entry(json, entry));
    }

    private static void entry(JsonGenerator json, ServedModels.IndexEntry entry) {
        json.writeStartObject();
        json.writeStringProperty("name", entry.name());
        json.writeStringProperty("version", entry.version());
        json.writeStringProperty("state", entry.state());
        json.writeStringProperty("reason", entry.reason());
        json.writeEndObject();
    }

    /** The counts and times of all versions, for the page of the server. */
    static byte[] statistics(ServedModels served) {
        return Json.write(json -> {
            json.writeStartObject();
            json.writeNumberProperty("nanos", System.nanoTime());
            served.options().about().forEach(json::writeStringProperty);
            json.writeStringProperty("repository", served.repositoryText());
            tiers(json);
            memory(json, served);
            json.writeName("bounds");
            double[] bounds = Metrics.bounds();
            json.writeArray(bounds, 0, bounds.length);
            json.writeName("row_bounds");
            double[] rows = Metrics.rowBounds();
            json.writeArray(rows, 0, rows.length);
            json.writeArrayPropertyStart("models");
            for (String name : served.models().names()) {
                model(json, name, served);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** The tiers in use, and the reasons why others are not. */
    private static void tiers(JsonGenerator json) {
        json.writeArrayPropertyStart("tiers");
        Tenon.activeTiers().forEach(json::writeString);
        json.writeEndArray();
        json.writeStringProperty("engine", Tenon.describe());
    }

    private static void memory(JsonGenerator json, ServedModels served) {
        Runtime jvm = Runtime.getRuntime();
        json.writeObjectPropertyStart("memory");
        json.writeNumberProperty("heap", jvm.totalMemory() - jvm.freeMemory());
        json.writeNumberProperty("max_heap", jvm.maxMemory());
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getTotalCapacity)
                .sum();
        json.writeNumberProperty("direct", direct);
        json.writeNumberProperty("bodies", served.bodyMemory().taken());
        json.writeEndObject();
    }

    private static void model(JsonGenerator json, String name, ServedModels served) {
        json.writeStartObject();
        json.writeStringProperty("name", name);
        json.writeStringProperty("route", route(served.models(), name));
        try {
            Model model = served.model(name, ServedModels.LATEST);
            json.writeStringProperty("platform", platform(model));
            values(json, "inputs", model.inputs());
            values(json, "outputs", model.outputs());
        } catch (UnknownModelException | RequestException e) {
            // No version serves, or the model was dropped meanwhile.
        }
        long[] requests = served.metrics().requests(name);
        json.writeName("requests");
        json.writeArray(requests, 0, requests.length);
        served.drift(name).ifPresent(monitor -> drift(json, monitor));
        json.writeArrayPropertyStart("versions");
        for (Models.Status status : ServedModels.versions(served.models(), name)) {
            version(json, name, status, served.metrics());
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void drift(JsonGenerator json, DriftMonitor monitor) {
        json.writeObjectPropertyStart("drift");
        json.writeNumberProperty("rows", monitor.rows());
        List<DriftAlarm> alarms = monitor.alarms();
        json.writeNumberProperty("alarm_count", alarms.size());
        json.writeArrayPropertyStart("alarms");
        for (DriftAlarm alarm : alarms.subList(Math.max(0, alarms.size() - LAST_ALARMS), alarms.size())) {
            json.writeString(String.format(
                    Locale.ROOT,
                    "%s: %s of %.3g; %.3g is allowed",
                    alarm.value(),
                    alarm.test(),
                    alarm.statistic(),
                    alarm.limit()));
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static String route(Models models, String name) {
        try {
            return models.route(name).map(Descriptions::route).orElse("no version serves");
        } catch (UnknownModelException e) {
            return "unloaded";
        }
    }

    /** A route as a reader of the page understands it: {@code version 6: 95.0 %, version 7: 5.0 %, by key}. */
    static String route(Route route) {
        double sum =
                route.weights().values().stream().mapToLong(Integer::longValue).sum();
        List<String> parts = new ArrayList<>();
        route.weights()
                .forEach((version, weight) -> parts.add(
                        route.weights().size() == 1
                                ? "version " + version
                                : String.format(Locale.ROOT, "version %s: %.1f %%", version, 100 * weight / sum)));
        if (route.isByKey()) {
            parts.add("by key");
        }
        route.shadow()
                .ifPresent(s ->
                        parts.add(String.format(Locale.ROOT, "shadow %s of %.1f %%", s.version(), 100 * s.share())));
        return String.join(", ", parts);
    }

    private static void version(JsonGenerator json, String name, Models.Status status, Metrics metrics) {
        BatchStatistics s = status.statistics();
        json.writeStartObject();
        json.writeStringProperty("version", status.version());
        json.writeStringProperty("state", status.state().toString());
        json.writeNumberProperty("calls", s.calls());
        json.writeNumberProperty("rows", s.rows());
        json.writeNumberProperty("runs", s.runs());
        json.writeNumberProperty("rejected", s.rejected());
        json.writeNumberProperty("expired", s.expiredQueued() + s.expiredRunning());
        json.writeNumberProperty("failed", s.failed());
        json.writeNumberProperty("queued", s.queuedRows());
        json.writeName("times");
        long[] times = metrics.times(name + ":" + status.version());
        json.writeArray(times, 0, times.length);
        json.writeName("sizes");
        long[] sizes = metrics.rows(name + ":" + status.version());
        json.writeArray(sizes, 0, sizes.length);
        json.writeEndObject();
    }
}
