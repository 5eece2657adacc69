package dev.tenon.spring.boot;

import dev.tenon.SessionOptions;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of Tenon.
 *
 * @param models the models by name
 * @param threads the threads of a prediction, 0 for those that Tenon chooses
 * @param deadline the most time of a call that {@link #call()} describes
 * @param batching how calls are merged
 */
@ConfigurationProperties("tenon.serving")
public record TenonProperties(
        @DefaultValue Map<String, ModelFile> models,
        @DefaultValue("0") int threads,
        @DefaultValue("10s") Duration deadline,
        @DefaultValue Batching batching) {
    /**
     * A model.
     *
     * @param path the file, or a resource of Spring, such as {@code classpath:fraud.onnx}
     * @param version the name of the version
     */
    public record ModelFile(String path, @DefaultValue("1") String version) {}

    /**
     * How calls are merged.
     *
     * @param maxRows the most rows that run together; 1 merges nothing and suits every model
     * @param queueRows the most rows that wait
     * @param withinNumerics whether results may differ in the last places from those of a call that runs alone
     */
    public record Batching(
            @DefaultValue("1") int maxRows,
            @DefaultValue("1024") int queueRows,
            @DefaultValue("false") boolean withinNumerics) {}

    /** {@return the options of sessions} */
    public SessionOptions sessions() {
        return threads == 0
                ? SessionOptions.standard()
                : SessionOptions.standard().threads(threads);
    }

    /** {@return the options of batchers, without listeners} */
    public BatchOptions batchOptions() {
        BatchOptions options =
                BatchOptions.standard().maxRows(batching.maxRows()).queueRows(batching.queueRows());
        return batching.withinNumerics() ? options.withinNumerics() : options;
    }

    /** {@return a call with the deadline} */
    public Call call() {
        return Call.standard().within(deadline);
    }
}
