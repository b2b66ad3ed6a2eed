/** Configuration as typed settings over plain keys and values. */
package io.millrace.api.config;
