package dev.tenon.spring.boot;

import dev.tenon.serving.versions.Models;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Up if each model has a version that serves; the details have the version and its counts. */
final class TenonHealthIndicator implements HealthIndicator {
    private final Models models;

    TenonHealthIndicator(Models models) {
        this.models = models;
    }

    @Override
    public Health health() {
        boolean up = true;
        Map<String, Object> details = new TreeMap<>();
        for (String name : models.names()) {
            String version = models.serving(name).orElse(null);
            up &= version != null;
            details.put(name, version == null ? "no version serves" : "version " + version + " serves");
        }
        return (up ? Health.up() : Health.outOfService()).withDetails(details).build();
    }
}
