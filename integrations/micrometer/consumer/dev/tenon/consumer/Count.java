package dev.tenon.consumer;

import dev.tenon.SessionOptions;
import dev.tenon.micrometer.TenonMeters;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.versions.Models;
import dev.tenon.serving.versions.Trial;
import dev.tenon.tensor.Tensor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/** The smallest application of the meters: it counts its two calls. */
public final class Count {
    private Count() {}

    /**
     * Prints how many calls the meters saw.
     *
     * @param arguments the path of the model
     */
    public static void main(String[] arguments) {
        AtomicReference<Models> made = new AtomicReference<>();
        TenonMeters meters = new TenonMeters(made::get);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Models models =
                Models.create(SessionOptions.standard(), BatchOptions.standard().listener(meters));
        made.set(models);
        meters.bindTo(registry);
        models.load("double", "1", Path.of(arguments[0]), Trial.none());
        models.promote("double", "1");
        for (int i = 0; i < 2; i++) {
            models.predict("double", Map.of("x", Tensor.of(new float[] {1, 2, 3, 4}, 1, 4)), Call.standard());
        }
        System.out.println(registry.get("tenon.calls").timer().count());
    }
}
