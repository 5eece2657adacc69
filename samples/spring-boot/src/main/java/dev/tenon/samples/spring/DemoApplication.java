package dev.tenon.samples.spring;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the application. */
@SpringBootApplication
public class DemoApplication {
    /** Makes the application. */
    public DemoApplication() {}

    /**
     * Starts the application.
     *
     * @param args properties, such as {@code --server.port=9000}
     */
    public static void main(String[] args) {
        SpringApplication.run(DemoApplication.class, args);
    }
}
