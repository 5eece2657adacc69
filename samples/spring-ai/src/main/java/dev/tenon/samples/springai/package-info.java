/**
 * A search with the embedding model of {@code tenon-spring-ai} and a vector store of Spring AI. Models must not live here.
 */
package dev.tenon.samples.springai;
